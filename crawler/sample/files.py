"""Small but real files: pictures and documents, the same bytes for the same name."""

import io
import zipfile
from importlib.resources import files

_OLE_HEADER = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504)  # the first sector of .doc and .xls
_STYLE = (files(__package__) / "templates" / "style.css").read_bytes()
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "ico": "image/png",
    "css": "text/css",
    "js": "text/javascript",
    "xsl": "text/xsl",
    "pdf": "application/pdf",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PDF_FONT = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
_GIF_PIXEL = bytes.fromhex("4749463839610100010080000000000000FFFFFF2C00000000010001000002024401003B")
PNG_PIXEL = bytes.fromhex(
    "89504E470D0A1A0A0000000D49484452000000010000000108000000003A7E9B550000000A49"
    "44415478DA6368000000820081DA45083B0000000049454E44AE426082"
)
_FIXED = {"png": PNG_PIXEL, "ico": PNG_PIXEL, "gif": _GIF_PIXEL}


def media_type(name: str) -> str | None:
    """Media type by the name's extension; None when the portal has no such files."""
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower())


def content(name: str) -> bytes:
    """The file's bytes; `name` (or path) is written into photographs and documents, so that no two are the same."""
    extension = name.rpartition(".")[2].lower()
    if extension in {"jpg", "jpeg"}:
        return _jpeg(name)
    if extension in _FIXED:
        return _FIXED[extension]
    if extension == "pdf":
        return _pdf(name)
    if extension in {"docx", "xlsx"}:
        return _office(name)
    if extension in {"doc", "xls"}:
        return _OLE_HEADER + name.encode()
    return _STYLE if name.endswith("/style.css") else f"/* {name} */\n".encode()


def _jpeg(name: str) -> bytes:
    """A grey baseline JPEG of 8 x 8 pixels (ITU-T T.81): one block, whose only code is "nothing differs"."""
    comment = name.encode()[:200]
    huffman = bytes([1, *[0] * 15, 0])
    return b"".join(
        (
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
            b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment,
            b"\xff\xdb\x00\x43\x00" + b"\x01" * 64,
            b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00",
            b"\xff\xc4\x00\x14\x00" + huffman + b"\xff\xc4\x00\x14\x10" + huffman,
            b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9",
        )
    )


def _pdf(name: str) -> bytes:
    """A PDF 1.4 of one page that shows the file's name."""
    line = name.encode("ascii", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    stream = b"BT /F1 14 Tf 60 780 Td (" + line + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
        + _PDF_FONT
        + b" >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


def _office(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml", _ZIP_TIME), "<Types/>")
        archive.writestr(zipfile.ZipInfo("docProps/core.xml", _ZIP_TIME), f"<name>{name}</name>")
    return buffer.getvalue()
