"""Barriers for people: what axe finds on a page, and whether the page fits on its screen."""

from .box import REPOSITORY

AXE = REPOSITORY / "web-ui/node_modules/axe-core/axe.min.js"
CHECK = "() => axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)"
# Of the browser, with `bypass_csp=True`: axe comes from outside.
LOOKS = {
    "desk-light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}


async def check(page, where):
    await page.evaluate(AXE.read_text())
    violations = await page.evaluate(CHECK)
    problems = [f"{where}: {rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]]
    assert problems == [], "\n".join(problems)
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{where} is {wider} px wider than the screen"
