"""Real servers for the tests, each in a folder of its own on free ports of loopback, ended with the tests."""
