"""The table of API keys: name, versions, the header version that goes before each."""

from __future__ import annotations

from notation import LAST_VERSION, Message, version_range


def table(text: str, messages: list[Message]) -> str:
    """A header with one X() row a key, which api_keys.h includes."""
    requests = {message.api_key: message for message in messages if message.kind == "request"}
    rows = []
    for line in text.strip().split("\n"):
        words = line.split()
        key, name = int(words[0]), words[1]
        low, high = version_range(words[2])
        flexible = requests[key].flexible_since if key in requests else LAST_VERSION
        camel = "".join(word.capitalize() for word in name.split("_"))
        action = "true" if "clusterAction" in words else "false"
        rows.append(
            f'  X({key}, k{camel}, "{name}", "{camel}", {low}, {high}, {flexible}, {action})'
        )
    head = '// X(key, kName, "NAME", "Name", lowest, highest, flexible since, needs ClusterAction). Generated.'
    return head + "\n#define KS_API_KEYS(X) \\\n" + " \\\n".join(rows) + "\n"
