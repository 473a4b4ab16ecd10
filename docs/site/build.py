#!/usr/bin/env python3
"""Builds the site of the documentation into site/html. It fails on a warning and on a link that leads nowhere.

The pages are the ones of the repository: README.md, docs/*.md, CONTRIBUTING.md, CHANGELOG.md, SECURITY.md and the
notebooks. They are copied to site/pages with their links adapted: a link to a page of the site leads there, a link to
another file of the repository becomes its name.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "site" / "pages"

SECTIONS = {  # title: pages, in order; a page that is in no section goes to "More"
    "Start": ["README.md", "docs/go.md", "docs/jupyter.md", "docs/images.md", "docs/data.md", "docs/reference.md", "docs/glossary.md"],
    "Certificates": ["docs/certification.md", "docs/sound-sampling.md", "docs/figures.md", "docs/clusters.md"],
    "Training": ["docs/importing.md", "docs/networks.md", "docs/external.md", "docs/algorithms.md", "docs/recipes.md",
                 "docs/sweeps.md", "docs/table.md",
                 "docs/evidence.md", "docs/gpu.md"],
    "Notebooks": sorted(f"notebooks/{p.name}" for p in (ROOT / "notebooks").glob("*.ipynb")),
    "Inside": ["CONTRIBUTING.md", "docs/architecture.md", "docs/reliability.md", "CHANGELOG.md", "SECURITY.md"],
}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def pages():
    """Returns the repository's files that are pages, with their places in the site."""
    found = {p: p for section in SECTIONS.values() for p in section if (ROOT / p).exists()}
    for p in sorted((ROOT / "docs").rglob("*.md")):
        if "site" not in p.relative_to(ROOT).parts[1:2]:
            found.setdefault(str(p.relative_to(ROOT)), "")
    place = {p: p.removeprefix("docs/") for p in found}
    place["README.md"] = "index.md"
    return place


def adapt(text, source, place, missing):
    """Returns a page's text with its links as the site needs them; names of missing targets are appended."""
    here = pathlib.PurePosixPath(source).parent

    def link(m):
        bang, label, target = m.groups()
        if re.match(r"[a-z]+:|#", target):
            return m.group(0)
        path, _, anchor = target.partition("#")
        inside = os.path.normpath(here / path)
        if not (ROOT / inside).exists():
            missing.append(f"{source}: {target}")
            return m.group(0)
        if inside in place:
            to = os.path.relpath(place[inside], os.path.dirname(place[source]) or ".")
            return f"{bang}[{label}]({to}{'#' + anchor if anchor else ''})"
        if bang or inside.endswith((".svg", ".png", ".bib", ".json", ".tsv", ".gz")):
            at = inside.removeprefix("docs/")
            (PAGES / at).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / inside, PAGES / at)
            return f"{bang}[{label}]({os.path.relpath(at, os.path.dirname(place[source]) or '.')})"
        return label if "`" in label else f"{label} (`{inside}`)" if label != inside else f"`{inside}`"

    fenced = re.split(r"(^```.*?^```$)", text, flags=re.S | re.M)
    return "".join(part if part.startswith("```") else LINK.sub(link, part) for part in fenced)


def main():
    shutil.rmtree(ROOT / "site", ignore_errors=True)
    place, missing = pages(), []
    for source, at in place.items():
        (PAGES / at).parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".ipynb"):
            shutil.copyfile(ROOT / source, PAGES / at)
            continue
        text = (ROOT / source).read_text()
        (PAGES / at).write_text(adapt(text, source, place, missing))
    if missing:
        sys.exit("links to files that are not there:\n  " + "\n  ".join(missing))
    nav, listed = [], set()
    for title, sources in SECTIONS.items():
        there = [s for s in sources if s in place]
        listed.update(there)
        nav.append({title: [place[s] for s in there]})
    rest = [place[s] for s in place if s not in listed]
    if rest:
        nav.append({"More": rest})
    import yaml
    config = ROOT / "site" / "mkdocs.yml"
    settings = (ROOT / "docs" / "site" / "mkdocs.yml").read_text()
    settings = settings.replace("../../site/pages", "pages").replace("../../site/html", "html")
    config.write_text(settings + yaml.safe_dump({"nav": nav}))
    environ = dict(os.environ, NO_MKDOCS_2_WARNING="1", DISABLE_MKDOCS_2_WARNING="true")
    sys.exit(subprocess.call([sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", str(config)], env=environ))


if __name__ == "__main__":
    main()
