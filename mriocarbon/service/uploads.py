from pathlib import Path


def know(folder: Path, arguments: object) -> None: ...
