from tests.servers.fixtures import postgresql

__all__ = ["postgresql"]
