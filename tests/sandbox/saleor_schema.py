"""Saleor's published schemas, when the folder that holds them lies beside the repository."""

import functools
import pathlib
import re

from graphql import GraphQLSchema, build_ast_schema, parse

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "shared" / "saleor"
FILES = {path.stem.removeprefix("schema-"): path for path in sorted(FOLDER.glob("schema-*.graphql"))}


@functools.cache
def load(version: str) -> GraphQLSchema:
    """The schema, cut down to the older syntax that our graphql library reads."""
    text = FILES[version].read_text(encoding="utf-8")
    text = re.sub(r'""".*?"""', "", text, flags=re.DOTALL)
    text = re.sub(r'^\s*"[^"\n]*"\s*$', "", text, flags=re.MULTILINE)
    text = re.sub(r"interface (\w+) implements [\w& ]+", r"interface \1 ", text)
    text = re.sub(r"(?<= implements )[\w& ]+", lambda found: found[0].replace("&", ","), text)
    return build_ast_schema(parse(text))
