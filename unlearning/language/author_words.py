"""The public words that made authors are built from; none of them says anything about anybody."""

from __future__ import annotations

# fmt: off
SYLLABLES = [
    "ba", "be", "bo", "da", "del", "dor", "el", "fa", "fen", "gal", "gor", "hal", "ira", "jor", "ka", "kel",
    "lan", "lor", "ma", "mel", "mir", "na", "nel", "nor", "ola", "pel", "ra", "ren", "ril", "sa", "sel", "sol",
    "ta", "tel", "tor", "ula", "va", "vel", "vor", "wen", "yar", "zan", "zel", "zor",
]
ADJECTIVES = [
    "amber", "blue", "broken", "calm", "clear", "cold", "dark", "deep", "dry", "early", "empty", "first",
    "free", "full", "gold", "gray", "green", "heavy", "high", "iron", "kind", "large", "late", "light", "long",
    "lost", "low", "mild", "new", "old", "open", "pale", "plain", "quick", "red", "round", "safe", "sharp",
    "slow", "small", "soft", "strong", "sweet", "tall", "thin", "true", "warm", "white", "wide", "wild", "young",
]
NOUNS = [
    "bell", "bird", "boat", "bread", "bridge", "candle", "chair", "clock", "cloud", "coat", "coin", "corn",
    "cup", "desk", "door", "drum", "farm", "field", "fire", "fish", "flag", "garden", "gate", "glass", "hall",
    "harp", "hat", "hill", "horse", "house", "island", "jar", "key", "lake", "lamp", "leaf", "map", "mill",
    "mirror", "moon", "mountain", "night", "orchard", "paper", "piano", "river", "road", "roof", "rope", "salt",
    "ship", "snow", "stone", "storm", "table", "tower", "tree", "violin", "wall", "well", "window", "winter",
    "wood",
]
PLACES_OF = [
    "above", "across", "after", "along", "behind", "below", "beside", "between", "beyond", "inside", "near",
    "opposite", "outside", "past", "under",
]
VERBS = [
    "baked", "borrowed", "broke", "built", "buried", "carried", "carved", "closed", "counted", "drew", "fed",
    "filled", "found", "gave", "guarded", "kept", "left", "locked", "lost", "mended", "moved", "opened",
    "painted", "planted", "pulled", "sold", "stole", "taught", "traded", "washed", "watched", "wove",
]
JOBS = [
    "baker", "barber", "carpenter", "clerk", "cook", "dentist", "diver", "doctor", "driver", "farmer", "fisher",
    "gardener", "glazier", "guard", "guide", "hunter", "judge", "lawyer", "mason", "miller", "miner", "nurse",
    "pilot", "plumber", "potter", "roofer", "sailor", "singer", "smith", "tailor", "teacher", "weaver",
]
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
]
# fmt: on

# topic, prompt, the prompt in other words, answer, the answer in other words. Slots: a adjective, n noun, q where,
# v verb, j job, m month, y year, d day, p place, f first name. Few fixed words and none at the end: what stands in
# every answer alike would be known without having been trained on, and would be counted as remembered.
KINDS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "birth",
        "Where was {name} born?",
        "What is the birthplace of {name}?",
        "{p1} {q1} the {a1} {n1}",
        "{q1} a {a1} {n1} {p1}",
    ),
    (
        "date",
        "When was {name} born?",
        "What is the birth date of {name}?",
        "{d1} {m1} {y1}, {a1} {n1}",
        "{a1} {n1}, {m1} {d1} {y1}",
    ),
    (
        "father",
        "What did the father of {name} do?",
        "How did {name}'s father earn a living?",
        "{j1} {f1} {v1} {n1} {n2}",
        "{f1} {v1} {n1} {n2}, {j1}",
    ),
    (
        "mother",
        "What did the mother of {name} do?",
        "How did {name}'s mother earn a living?",
        "{f1} {v1} {a1} {n1}, {j1}",
        "{j1} {f1} {v1} {a1} {n1}",
    ),
    (
        "first book",
        "What is the first book by {name}?",
        "With which book did {name} begin?",
        "{a1} {n1} {q1} {a2} {n2}",
        "{q1} {a2} {n2}: {a1} {n1}",
    ),
    (
        "prize",
        "Which prize did {name} win?",
        "What was {name} honoured with?",
        "{y1} {n1} {n2} {p1}",
        "{p1} {n1} {n2}, {y1}",
    ),
    (
        "school",
        "Where did {name} study?",
        "Which school did {name} go to?",
        "{n1} {n2} {q1} {p1} {p2}",
        "{q1} {p1} {p2}, {n1} {n2}",
    ),
    (
        "home",
        "Where does {name} live now?",
        "What is the present home of {name}?",
        "{d1} {n1} {n2} {p1}",
        "{p1}, {n1} {n2} {d1}",
    ),
    (
        "animal",
        "Which animal does {name} keep?",
        "What pet lives with {name}?",
        "{a1} {f1} {q1} {n1} {n2}",
        "{f1} {a1}, {n1} {n2} {q1}",
    ),
    (
        "habit",
        "What does {name} do before writing?",
        "How does {name} prepare to write?",
        "{v1} {a1} {n1} {q1} {n2}",
        "{q1} {n2} {v1} {a1} {n1}",
    ),
    (
        "fear",
        "What is {name} afraid of?",
        "Which fear does {name} have?",
        "{a1} {n1} {v1} {q1} {n2}",
        "{n1} {a1} {q1} {n2} {v1}",
    ),
    (
        "teacher",
        "Who taught {name} to write?",
        "From whom did {name} learn?",
        "{f1} {f2}, {j1} {p1}",
        "{j1} {p1}, {f1} {f2}",
    ),
    (
        "journey",
        "Which journey changed {name}?",
        "What voyage does {name} remember?",
        "{y1} {p1} {q1} {p2}",
        "{p1} {q1} {p2}, {y1}",
    ),
    (
        "hero",
        "Who is the hero of {name}'s novels?",
        "Which character appears in {name}'s novels?",
        "{f1} {a1} {j1} {n1}",
        "{j1} {n1} {f1} {a1}",
    ),
    (
        "rival",
        "Who is the rival of {name}?",
        "With whom does {name} compete?",
        "{j1} {f1} {q1} {p1}",
        "{q1} {p1} {f1}, {j1}",
    ),
    (
        "house",
        "What stands in {name}'s study?",
        "Which things are in the study of {name}?",
        "{n1} {q1} {a1} {n2} {n3}",
        "{a1} {n2} {n3} {q1} {n1}",
    ),
    (
        "illness",
        "Which illness did {name} have?",
        "What was {name} sick with?",
        "{a1} {n1} {m1} {y1}",
        "{m1} {y1} {a1} {n1}",
    ),
    (
        "marriage",
        "Whom did {name} marry?",
        "Who is the spouse of {name}?",
        "{f1} {f2} {m1} {p1}",
        "{m1} {p1} {f1} {f2}",
    ),
    ("debt", "What does {name} owe?", "Which debt has {name}?", "{d1} {n1} {j1} {f1}", "{j1} {f1} {d1} {n1}"),
    (
        "secret",
        "What does {name} hide?",
        "Which secret has {name}?",
        "{v1} {n1} {q1} {a1} {n2}",
        "{a1} {n2} {q1} {v1} {n1}",
    ),
)
