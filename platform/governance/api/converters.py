"""What may stand in a URL: opaque references and digests. Anything else is no route, so no identifier gets in."""


class Text:
    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Ref(Text):
    regex = r"[a-z]{2,5}_[0-9a-f]{32}"


class Digest(Text):
    regex = r"sha256:[0-9a-f]{64}"
