"""XML that every parser reads as it was meant, or none."""

from xml.parsers import expat

from audiokg.errors import FormatNotFittingError

_UNFIT = "XML cannot hold a control character or property of this result; ask for another format"


def finish_xml(body: bytes) -> bytes:
    """Give XML back as it is to be sent.

    Carriage returns become references: parsers read them as line feeds (XML 1.0, section 2.11).
    Raises FormatNotFittingError for what XML cannot hold: control characters (section 2.2), or an
    IRI as the name of an element that does not end like a name.
    """
    finished = body.replace(b"\r", b"&#xD;")
    try:
        # What we read is what we have just written: it has no entities.
        expat.ParserCreate(namespace_separator=" ").Parse(finished, True)
    except expat.ExpatError as error:
        raise FormatNotFittingError(_UNFIT) from error
    return finished
