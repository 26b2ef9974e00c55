"""That scan.py finds what there is: texts in every form are planted in memory,
where core dumps reach and where they do not, and are found; a row in which one
is planted that must not be there is wrong."""

from scan_forms import easy_secret, forms, hard_secret


def every_form(driver):
    """Plants each form of two secrets, once."""
    for name, secret in [("password", hard_secret()), ("token", easy_secret())]:
        driver.wanted.add(name, secret)
        for form, text in forms(secret).items():
            driver.must(b"plant " + text)
            driver.shown[f"{name}, {form}"] += 1


def one_hidden(driver):
    """Plants a token where no core dump reaches."""
    secret = easy_secret()
    driver.wanted.add("hidden", secret)
    driver.must("hide " + secret)
    driver.kept["hidden, plain"] += 1


def memory(driver):
    every_form(driver)
    one_hidden(driver)
    driver.look("planted")
    driver.must("uproot")
    driver.kept.clear()
    driver.shown.clear()
    driver.look("wiped")


def core(driver):
    every_form(driver)
    one_hidden(driver)
    driver.look_at_core("planted")


def gdbs_core(driver):
    every_form(driver)
    one_hidden(driver)
    driver.look_at_core("planted", by_gdb=True)


def too_much(driver):
    """What is not wanted makes the row wrong: in memory, and in a core dump."""
    driver.patience = 0
    for plant, where in [("plant", "not"), ("hide", "kept out of dumps")]:
        secret = hard_secret()
        driver.wanted.add(plant, secret)
        driver.must(f"{plant} {secret}")
        driver.look("one too many")
        expect(driver, f"{plant}, plain: 1, wanted 0 ({where})")
        driver.must("uproot")
    driver.wanted.add("missing", hard_secret())
    driver.kept["missing, plain"] = 1
    driver.look("one too few")
    expect(driver, "missing, plain: 0, wanted 1 (kept out of dumps)")
    driver.kept.clear()
    secret = hard_secret()
    driver.wanted.add("dumped", secret)
    driver.must(b"plant " + secret.encode("utf-16-le"))
    driver.look_at_core("one too many")
    expect(driver, "dumped, UTF-16: 1, wanted 0 (core dump)")


def expect(driver, problem):
    """Takes the problem back that there must be."""
    found = driver.problems.pop() if driver.problems else "nothing"
    if problem not in found:
        driver.problems.append(f"not found: {problem}; but {found}")


CONTROLS = {
    "control: every form planted in memory": memory,
    "control: every form planted, in a core dump": core,
    "control: every form planted, in gdb's core dump": gdbs_core,
    "control: what is there once too often or too seldom": too_much,
}
