"""A minimal application with unmodified livekit-client in Chromium, served from an origin of its own as applications are."""

from pathlib import Path

from aiohttp import web

from .box import REPOSITORY, free_tcp_port
from .browser import open_page

PAGE = Path(__file__).parents[1] / "pages/sdk.html"
SDK = REPOSITORY / "web-ui/node_modules/livekit-client/dist/livekit-client.umd.js"


class Application:
    """Serves the page; `join` opens it in a browser of its own, joins, and publishes camera and microphone."""

    def __init__(self, browsers):
        self.browsers = browsers

    async def start(self):
        application = web.Application()
        application.router.add_get("/sdk.html", _file(PAGE))
        application.router.add_get("/livekit-client.umd.js", _file(SDK))
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        self.site = web.TCPSite(self.runner, "localhost", free_tcp_port())
        await self.site.start()

    async def stop(self):
        await self.browsers.stop()
        await self.runner.cleanup()

    async def join(self, box, name, color, single=True, tone=700, token=None, prepare=None):
        """Join with `token` or the speakers' link; `prepare(page)` runs before the page connects."""
        page = await open_page(await self.browsers.start(color=color, tone=tone, size="320x180"), f"{self.site.name}/sdk.html")
        if prepare is not None:
            await prepare(page)
        wish = [box.livekit_url, token or await box.token("speaker", name), {"singlePeerConnection": single}]
        await page.evaluate("([url, token, options]) => join(url, token, options)", wish)
        await page.evaluate("() => room.localParticipant.enableCameraAndMicrophone()")
        return page


def _file(path):
    async def answer(_request):
        return web.FileResponse(path)

    return answer
