"""Says in two words which browser and system a session runs in, as far as the browser tells."""

_BROWSERS = (
    ("wxwork/", "企业微信"),
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("QQBrowser/", "QQ 浏览器"),
    ("Edg/", "Edge"),
    ("HuaweiBrowser/", "华为浏览器"),
    ("MiuiBrowser/", "小米浏览器"),
    ("UCBrowser/", "UC 浏览器"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def describe(user_agent: str) -> str:
    """Like "Chrome · Windows"; "" when nothing is known. An in-app browser is named before the engine it is built on."""
    parts = (
        next((name for mark, name in table if mark.lower() in user_agent.lower()), "")
        for table in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(filter(None, parts))
