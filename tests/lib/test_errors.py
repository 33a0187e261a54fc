from pictogame.lib.errors import Problem


def test_a_problem_is_its_sentence() -> None:
    problem = Problem("Your picture is too small for 300 pieces: try 48.")
    assert problem.sentence == str(problem) == "Your picture is too small for 300 pieces: try 48."
