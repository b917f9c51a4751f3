"""Print our part of the schema to ``graphql/schema.graphql``, or check that it is current."""

import os
import pathlib
import sys

TARGET = pathlib.Path(__file__).parent.parent / "saleor_support_plugin" / "graphql" / "schema.graphql"


def main() -> int:
    """Write the file; with ``--check`` only compare, and fail when it is not current."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
    import django

    django.setup()
    from saleor_support_plugin.graphql.schema import print_part
    from sandbox.home.schema import schema

    text = print_part(schema())
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        print("graphql/schema.graphql is not current: run `make schema`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
