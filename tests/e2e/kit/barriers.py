"""Barriers for people: what axe finds on a page, and whether the page fits on its screen."""

from .box import REPOSITORY

AXE = REPOSITORY / "web-ui/node_modules/axe-core/axe.min.js"
CHECK = "() => axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)"
# Colours on their way to others are there, and two frames are drawn with them.
SETTLED = """
async () => {
  for (const each of document.getAnimations()) if (each.effect?.getTiming().iterations !== Infinity) each.finish();
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}
"""
# Of the browser, with `bypass_csp=True`: axe comes from outside.
LOOKS = {
    "desk-light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}


async def check(page, where):
    """Looks at the page in both colour schemes, the one it is in last: a size then needs no second test."""
    await page.evaluate(AXE.read_text())
    dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for scheme in ("light", "dark") if dark else ("dark", "light"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.evaluate(SETTLED)
        # Once more if there is something: a page that changes while axe reads it is judged wrongly.
        problems = await found(page) and await found(page)
        assert problems == [], "\n".join(f"{where}, {scheme}: {problem}" for problem in problems)
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{where} is {wider} px wider than the screen"


async def found(page):
    nodes = [(rule["id"], node) for rule in await page.evaluate(CHECK) for node in rule["nodes"]]
    return [f"{rule}: {node['html'][:160]} {node['failureSummary']}" for rule, node in nodes]
