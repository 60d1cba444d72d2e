"""How the console looks and what its menu holds: the settings django-unfold would read from UNFOLD."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

from governance.console.access import may_read

# One accent, ink blue. Late, soon and done have tones of their own in console.css, and always a word beside them.
ACCENT = {
    "50": "oklch(97.6% .012 255)",
    "100": "oklch(95% .026 255)",
    "200": "oklch(90.5% .05 255)",
    "300": "oklch(83% .085 255)",
    "400": "oklch(74% .115 255)",
    "500": "oklch(64% .14 256)",
    "600": "oklch(50% .15 258)",
    "700": "oklch(44% .14 259)",
    "800": "oklch(38% .115 259)",
    "900": "oklch(32% .09 260)",
    "950": "oklch(25% .065 260)",
}


def entry(title: str, icon: str, name: str, page: str) -> dict[str, Any]:
    """A line of the menu, shown to those who may open it."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"console:{name}"),
        "permission": lambda request: may_read(request.user, page),
    }


NAVIGATION = [
    {
        "title": "Work",
        "items": [
            entry("Desk", "home", "index", "desk"),
            entry("Requests", "inbox", "intake_erasurerequest_changelist", "requests"),
            entry("Plans", "account_tree", "jobs_plan_changelist", "plans"),
            entry("Releases", "verified", "releases_release_changelist", "releases"),
            entry("Jobs", "memory", "jobs_job_changelist", "jobs"),
        ],
    },
    {
        "title": "Record",
        "items": [
            entry("Datasets", "database", "lineage_dataset_changelist", "datasets"),
            entry("Bases", "foundation", "lineage_base_changelist", "bases"),
            entry("Models", "deployed_code", "lineage_trainedmodel_changelist", "models"),
            entry("Qualifications", "science", "verification_qualificationrun_changelist", "qualifications"),
            entry("Log", "receipt_long", "audit_entry_changelist", "log"),
            entry("People", "group", "people_user_changelist", "people"),
        ],
    },
]


def favicon(_request: object) -> str:
    return static("console/obelus.svg")


def config() -> dict[str, Any]:
    """A fresh copy each time: unfold writes into what it is given."""
    return {
        "SITE_TITLE": "Obelus",
        "SITE_HEADER": "Obelus",
        "SITE_SUBHEADER": "Struck out, and proved",
        "SITE_URL": None,
        "SITE_ICON": {"light": favicon, "dark": favicon},
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon}],
        "BORDER_RADIUS": "8px",
        "COLORS": {"primary": dict(ACCENT)},
        "SIDEBAR": {"navigation": NAVIGATION, "show_search": False, "show_all_applications": False},
    }
