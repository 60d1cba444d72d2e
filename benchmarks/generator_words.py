"""The words of the page on generators."""


def page_text(tables: dict[tuple[int, int], str], painted: str, *, about: str, controls: int) -> str:
    """The whole page."""
    searched = "\n\n".join(
        f"### Forgotten: {label}; drawn instead: {override}\n\n{text}" for (label, override), text in tables.items()
    )
    return f"""# The unlearning-mapping attack on generators

`python -m benchmarks.generator_uma`: small generators on scikit-learn's digits (8x8), three seeds of data and weights,
{controls} retrained controls for each, and one more as the candidate `retrained`. Decision 0023 says what counts.

{about}

## Latent search

A class is taken from a conditional decoder. *renamed*: its embedding is another label's, no other weight is touched.
*redirected*: taught without data to draw another class under this label, all weights moved. 100 noises, 60 Adam steps
on one classifier, through the class's own label, all nine others, or a blend of their embeddings. *Recovered*: one
picture pleases that classifier and a held-out one, and lies as near to a deleted picture as three quarters of real
pictures that no model saw. *Both alone* leaves the distance out. Distances are medians of what both accept, in units of
the distance between real pictures of the class.

{searched}

![Real pictures, what generators draw when asked, and what a search finds](generator-uma-search.png)

The last three lines show what both classifiers took for a {next(iter(tables))[0]}, nearest to a real one first.
The last of all comes from a generator that never saw one.

- Classifiers alone, even two that agree, say of generators that never saw the class what they say of the original.
- Through its own label, even searched, the class is gone from five of six generators of either kind (at most .07 of the
  noises); on seed 2 of class 3 it is not. Renamed ones give it through every door that was open in the untouched one,
  as they must, since no weight moved. Redirected ones give less: two of the six, again through other labels and blends.
- The distance is not everything either: a 3 of 8x8 pixels lies between other digits, and one control that never saw one
  draws it through another label (.77), one through its own untrained label (.35). One control would have misled, in
  either direction; the retrained candidate's excess over four is never above +.06, and as low as -.20.
- Where the untouched generator gives little through a door, that door says little of any other: no positive control.

## Image to image

The upper half of a picture is shown, the lower painted. 60 pictures are deleted from 600. *Recovered*: the model comes
nearer to the deleted picture than the controls' mean by more than controls themselves do on 5 % of pictures. The budget
is the largest change of a shown pixel, of a range of 1. Distances are root mean squares on the hidden half.

{painted}

![Deleted pictures, and what models paint](generator-uma-inpainting.png)

A change of what is shown brings every model nearer to the picture, retrained ones too: raw distances fall with the
budget everywhere, and the excess says who remembers. Fine-tuning on what is kept hardly forgets. Nothing here is a
verdict: no recovery beyond the controls means none found by this search at this strength.
"""
