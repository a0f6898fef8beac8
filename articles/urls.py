"""Addresses: what to fetch, which addresses are one article, and the ids of articles and captures.

`fetch_url` is an address as it can be asked for; `url_key` is the same for all twins of it (http and https, www
and mobile hosts, AMP, tracking parameters) and is never asked for. Two articles under one key would lose one of
them, a missed twin only costs a second look: in doubt a part of an address stays in the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from courlan import scrub_url

from articles.errors import NightwireError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_IN_ITS_ONE_SPELLING = re.compile(
    r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?)"
)
_PLAIN_IN_PATH = "/!$&'()*+,;=:@~"  # RFC 3986 pchar: stays as printed; everything else is percent-encoded
_PLAIN_IN_QUERY = "/?!$'()*+,;:@~"
_KEPT_ESCAPE = re.compile(r"(%(?:2[3-6BF]|3[B-F]|5[BD]))", re.IGNORECASE)  # an encoded slash is not a slash

# Parameters that say how a reader came, by name. courlan's own list is not used: it also takes `cid`, `eid`,
# `uid` and `session…`, which number the articles of some publishers.
_TRACKING_NAMES = frozenset(
    """_ga _gl _hsenc _hsmi amp_gsa amp_js_v cmpid dclid epik fb_action_ids fb_action_types fb_ref fb_source
    fbclid gad_source gbraid gclid gclsrc hootpostid hss_channel icid igsh igshid li_fat_id mc_cid mc_eid mkt_tok
    mkt_unsubscribe msclkid ncid ocid oly_anon_id oly_enc_id rb_clickid ref_src ref_url s_cid s_kwcid smid smtyp
    soc_src soc_trk spref srsltid taid traffic_source tt_content tt_medium ttclid twclid usqp vero_conv vero_id
    wbraid wickedid wt_mc wt_zmc xtor yclid ysclid""".split()  # noqa: SIM905 - a paragraph of names, not sixty lines
)
_TRACKING_PREFIXES = (
    "utm_",
    "mtm_",
    "matomo_",
    "piwik_",
    "pk_campaign",
    "pk_kwd",
    "itm_",
    "at_campaign",
    "at_medium",
    "__twitter",
)
# These too, unless they hold a number: "ref=homepage" is tracking, "ref=48213" may be the article.
_TRACKING_UNLESS_NUMBERED = frozenset(
    {"ref", "referrer", "referer", "source", "src", "share", "shared", "via", "feature", "partner"}
)
_AMP_PARAMETERS = frozenset(
    {("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp"), ("output", "amp"), ("_amp", "true")}
)

_TWIN_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|mobi)\.(?=[^.]+\.[^.]+)")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|shtml|cfm)$", re.IGNORECASE)
_AMP_SUFFIX = re.compile(r"(?:/amp/?|\.amp)$|\.amp(?=\.html?$)")
_AMP_PREFIX = re.compile(r"^/amp/(?=[^/]+)")
_AMP_CACHE = re.compile(
    r"^https?://[a-z0-9-]+\.cdn\.ampproject\.org/(?:[cvi]|wp)/(?P<secure>s/)?(?P<rest>.+)$", re.IGNORECASE
)
_AMP_VIEWER = re.compile(
    r"^https?://www\.google\.[a-z.]{2,6}/amp/(?P<secure>s/)?(?P<rest>[^/]+\..+)$", re.IGNORECASE
)
_ARCHIVED = re.compile(
    r"^https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(?P<rest>https?:/.+)$", re.IGNORECASE
)


def fetch_url(url: str, keep_query: Sequence[str] = ()) -> str | None:
    """The address as it is asked for: ASCII, percent-encoded in one way, no fragment, no tracking parameters.

    Args:
        url: as found in a page, feed or sitemap.
        keep_query: parameters to keep although their name says tracking.

    Returns:
        None for anything that is no http(s) address with a host: mail, scripts, relative paths, phone numbers.
    """
    parts = _split(url)
    if parts is None:
        return None
    query = "&".join(
        name if value is None else f"{name}={value}"
        for name, value in _parameters(parts.query)
        if name in keep_query or not _is_tracking(name, value)
    )
    return urlunsplit(parts._replace(query=query))


def url_key(url: str, keep_query: Sequence[str] = ()) -> str:
    """What all addresses of one article have in common; a name for the article, not an address to ask for.

    Without scheme, `www.`, `m.`, `mobile.` and `amp.` hosts, AMP paths and caches, archive prefixes, index files,
    session ids, trailing slash and tracking parameters; parameters are sorted.

    Args:
        url: any address; one that is not http(s) is its own key.
        keep_query: names of the parameters that identify an article, where the source declares them: then every
            other one is dropped. Empty: every parameter counts that is not known to be tracking.
    """
    parts = _split(_unwrapped(url))
    if parts is None:
        return url.strip()
    host = re.sub(r":(?:80|443)$", "", parts.netloc)
    path = _SESSION.sub("", parts.path)
    path = _AMP_SUFFIX.sub("", _AMP_PREFIX.sub("/", path)) or "/"
    path = _INDEX.sub("/", path).rstrip("/")
    kept = [
        (name, value)
        for name, value in _parameters(parts.query)
        if (name in keep_query if keep_query else not (_is_tracking(name, value) or _is_amp(name, value)))
    ]
    query = "&".join(sorted(name if not value else f"{name}={value}" for name, value in kept))
    route = f"#{parts.fragment}" if parts.fragment else ""
    return _TWIN_HOST.sub("", host) + path + (f"?{query}" if query else "") + route


def publisher_number(url: str | None, pattern: str | None) -> str | None:
    """The publisher's own article number in an address, which stays when a headline and its slug change.

    Args:
        url: the article's address; None gives None.
        pattern: regular expression with the number as group 1, from the source's declaration; None gives None.

    Raises:
        NightwireError: the pattern is no regular expression or has no group.
    """
    if url is None or pattern is None:
        return None
    try:
        match = re.search(pattern, url)
        return match.group(1) if match else None
    except (re.error, IndexError) as problem:
        raise NightwireError(
            f"The article_id pattern {pattern!r} cannot be used ({problem}): expected a regular expression whose "
            "first group is the article's number; correct it in the source's file."
        ) from problem


def article_id(
    *, source: str | None, url_key: str | None, publisher_number: str | None, body_sha256: str, part: int
) -> str:
    """The id an article keeps over nights, formats and twins of its address: 32 hexadecimal digits.

    Args:
        source: source id; the same address at two sources is two articles.
        url_key: from `url_key`; used where the publisher has no number in the address.
        publisher_number: from the function of that name; the strongest identity, as slugs change.
        body_sha256: of the captured bytes; identifies an article whose address is not known.
        part: which article of the page, from 0.
    """
    if publisher_number is not None:
        identity = ("number", publisher_number)
    elif url_key is not None:
        identity = ("url", url_key)
    else:
        identity = ("body", body_sha256)
    return _id("article", source, *identity, part)


def capture_id(*, source: str | None, url: str | None, body_sha256: str, captured_at: datetime | None) -> str:
    """The id of one capture: 32 hexadecimal digits.

    Args:
        source: source id; None for text of unknown origin.
        url: the address that answered; None for a file whose address is not known.
        body_sha256: of the captured bytes.
        captured_at: None for files: the same bytes of the same source and address are one capture, however often
            they are loaded.
    """
    moment = None if captured_at is None else captured_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _id("capture", source, url, body_sha256, moment)


_PRINTED_URL = re.compile(r"https?://[^\s<>\"'“”«»‹›]+", re.IGNORECASE)
_WORDY_LABEL = re.compile(r"[^\W_]+")
_NO_ARTICLE = re.compile(
    r"^(?:subscri|newsletter|sign|log-?in|account|donat|support|about|contact|privacy|terms|advertis|member|help|faq|careers|app$|apps$|rss|feed|search|tag|author|shop|store|legal|cookie)",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp[34]|pdf|css|js|xml|zip)$", re.IGNORECASE)


def find_url(text: str) -> str | None:
    """The article address that a text prints of itself, such as the last line of a metered page.

    Only a line that is an address and little else counts (at most four words beside it), with a path that looks
    like an article's: several segments or a long slug, no subscription or account page, no picture.

    Returns:
        The address as `fetch_url` gives it; None when there is none or when several different articles are named.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        for printed in _PRINTED_URL.findall(line):
            beside = line.replace(printed, " ")
            if len(_WORDY_LABEL.findall(beside)) > 4:
                continue
            address = fetch_url(printed.rstrip(".,;:!?)]}"))
            if address is not None and _looks_like_article(address):
                found.setdefault(url_key(address), address)
    return next(iter(found.values())) if len(found) == 1 else None


def _looks_like_article(address: str) -> bool:
    parts = urlsplit(address)
    segments = [segment for segment in parts.path.split("/") if segment]
    if (
        not segments
        or _FILE.search(segments[-1])
        or any(_NO_ARTICLE.match(segment) for segment in segments[:2])
    ):
        return False
    last = segments[-1]
    return any(c.isdigit() for c in parts.path + parts.query) or last.count("-") >= 2 or last.count("%") >= 8


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address, each in its one spelling; the query as printed."""
    if plain := _IN_ITS_ONE_SPELLING.fullmatch(url):  # most are, and the way below costs ten times as much
        return SplitResult(plain[1], plain[2], plain[3] or "/", "", "")
    return _split_any(url)


def _split_any(url: str) -> SplitResult | None:
    url = url.encode("utf-8", "replace").decode()  # half a surrogate pair is in no address
    scrubbed = scrub_url(url) if url.count("://") == 1 else "".join(url.split())
    try:
        parts = urlsplit(scrubbed)
        port = parts.port
    except ValueError:  # an IPv6 bracket or port that is none
        return None
    scheme, host = parts.scheme.lower(), _ascii_host(parts.hostname)
    if scheme not in _DEFAULT_PORTS or host is None:
        return None
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _quoted(re.sub(r"(?<!:)/{2,}", "/", parts.path), _PLAIN_IN_PATH)
    path = urlsplit(urljoin("http://host/", path)).path  # resolves "./" and "../", drops an empty ";"
    if path.endswith("&") and not scrubbed.endswith("&"):
        path = urlsplit(scrub_url(f"http://host{path}")).path  # as it would have been without the ";"
    is_route = parts.fragment.startswith(("!", "/"))  # "#!/story/7" is the article, "#comments" a place in it
    fragment = _quoted(parts.fragment, _PLAIN_IN_PATH + "?") if is_route else ""
    return SplitResult(scheme, host, path or "/", parts.query, fragment)


def _ascii_host(host: str | None) -> str | None:
    """A host name in lower case and ASCII, or None when it can be none."""
    host = (host or "").strip(".").lower()
    if not host or re.search(r"[\s%/]", host):
        return None
    if ":" in host:
        return f"[{host}]"  # IPv6
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _quoted(text: str, plain: str) -> str:
    """Percent-encode in one way: UTF-8, capital hex digits, nothing encoded that need not be."""
    return "".join(
        piece.upper() if index % 2 else quote(unquote_to_bytes(piece), safe=plain)
        for index, piece in enumerate(_KEPT_ESCAPE.split(text))
    )


def _parameters(query: str) -> list[tuple[str, str | None]]:
    """Name and value of each parameter in order, encoded; the value None where there is no "=" ("?1234")."""
    pairs: list[tuple[str, str | None]] = []
    for piece in query.split("&"):
        name, equals, value = piece.partition("=")
        if piece:
            pairs.append(
                (_quoted(name, _PLAIN_IN_QUERY), _quoted(value, _PLAIN_IN_QUERY + "=") if equals else None)
            )
    return pairs


def _is_tracking(name: str, value: str | None) -> bool:
    lowered = name.lower()
    if lowered in _TRACKING_NAMES or lowered.startswith(_TRACKING_PREFIXES):
        return True
    return lowered in _TRACKING_UNLESS_NUMBERED and not re.search(r"\d", value or "")


def _is_amp(name: str, value: str | None) -> bool:
    return (name.lower(), (value or "").lower()) in _AMP_PARAMETERS


def _unwrapped(url: str) -> str:
    """The address inside an AMP cache's, an AMP viewer's or a web archive's."""
    for wrapper in (_AMP_CACHE, _AMP_VIEWER):
        if match := wrapper.match(url):
            return f"http{'s' if match['secure'] else ''}://{match['rest']}"
    if match := _ARCHIVED.match(url):
        return re.sub(r"^(https?:)/+", r"\1//", match["rest"])
    return url


def _id(*parts: str | int | None) -> str:
    """A hash over parts that cannot run into one another."""
    packed = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:32]
