"""Make the smallest film that has everything: no dot, no kernel, no theme."""


def box(element: str, x: int, words: str) -> str:
    return (
        f'<g id="{element}" class="node"><rect x="{x}" y="10" width="70" height="30" fill="none" stroke="currentColor"/>'
        f'<text x="{x + 35}" y="30" text-anchor="middle" font-size="12">{words}</text></g>'
    )


def drawing(*boxes: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 260 50">{"".join(boxes)}</svg>'


def tiny_film(count: int = 12, *, title: str = "Tiny run", defect: str = "leak") -> dict:
    """Alternate between two functions; the last frame has a defect."""
    frames = [
        {
            "label": ("iput", "evict")[k % 2],
            "actor": "task",
            "context": "PL"[k % 2],
            "hook": "evict_inode" if k == 3 else "",
            "sentence": f"Step {k + 1} happens.",
            "source": "fs/inode.c:798 evict@v7.3.4",
            "roles": {("n_iput", "n_evict")[k % 2]: "now", "m_inode": ("held", "freed")[k > 5]},
            "defect": defect if k == count - 1 else "",
        }
        for k in range(count)
    ]
    return {
        "title": title,
        "origin": "simulated",
        "note": "A note.",
        "text": "\n".join(f"{k + 1} {frame['label']}" for k, frame in enumerate(frames)),
        "pictures": [
            {"name": "calls", "title": "Calls", "alt": "iput calls evict",
             "svg": drawing(box("n_iput", 10, "iput"), box("n_evict", 100, "evict"))},
            {"name": "memory", "title": "Memory", "alt": "an inode",
             "svg": drawing(box("m_inode", 10, "inode"))},
        ],
        "legend": [{"role": "now", "label": "runs now", "symbol": "▶"}],
        "frames": frames,
    }  # fmt: skip
