"""Word tables of the corruptions."""

from __future__ import annotations

AGENTS = (
    "applicant", "licensee", "licensor", "employer", "employee", "landlord", "tenant", "buyer", "seller", "Mayor",
    "Council", "Commission", "Board", "Minister", "Director", "Superintendent", "Department", "Secretary", "Governor",
    "Administrator", "Commissioner", "Corporation", "Company", "Bank", "Consultant", "Owner", "Franchisee", "insurer",
    "insured", "owner", "operator", "carrier", "producer", "issuer", "holder", "trustee", "beneficiary", "agency",
    "court", "Attorney General", "Governor in Council", "Tribunal", "Agency", "Chairperson", "officer", "inspector",
    "member", "committee", "guardian", "parent", "child", "patient", "physician", "doctor", "provider", "claimant",
    "defendant", "plaintiff", "respondent", "complainant", "customer", "supplier", "contractor", "lender", "borrower",
    "Authority", "mother", "father", "teacher", "student", "exporter", "importer", "manufacturer", "President",
    "Consultant", "Licensee", "Aduro", "Datec", "BSP", "NCC", "Franchisor", "Member", "Society", "Treasurer",
)  # fmt: skip

ANTONYMS = (
    ("before", "after"), ("at least", "at most"), ("no fewer than", "no more than"), ("a minimum of", "a maximum of"),
    ("more than", "less than"), ("includes", "excludes"), ("include", "exclude"), ("increased", "decreased"),
    ("increase", "decrease"), ("increases", "decreases"), ("higher", "lower"), ("maximum", "minimum"),
    ("permitted", "forbidden"), ("allowed", "forbidden"), ("greater", "smaller"), ("earlier", "later"),
    ("approve", "reject"), ("approved", "rejected"), ("accept", "refuse"), ("positive", "negative"),
    ("common", "rare"), ("effective", "ineffective"), ("safe", "unsafe"), ("rose", "fell"), ("improved", "worsened"),
    ("always", "never"), ("unless", "if"), ("internal", "external"), ("public", "private"), ("lawful", "unlawful"),
    ("the first", "the last"), ("largest", "smallest"), ("better", "worse"), ("longer", "shorter"),
    ("grant", "refuse"), ("complete", "incomplete"), ("inside", "outside"), ("directly", "only indirectly"),
    ("voluntary", "mandatory"), ("temporary", "permanent"), ("opened", "closed"), ("won", "lost"),
    ("significantly", "not significantly"), ("is responsible", "is not responsible"), ("opt out", "opt in"),
)  # fmt: skip

NAME_STOP = frozenset(
    (
        "The A An This That These Those It We You They He She I In On At By For From To If When Where While "
        "As And Or But Of With Under After Before During Any All Each Every No Not Yes Our Your Their His Her "
        "Its Such Section Sections Subsection Part Article Schedule Chapter Title Act Acts Code Law Order "
        "Regulation Regulations Internet Web Email January February March April May June July August "
        "September October November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday Table "
        "Figure However Although Because Since Please See Note There Also According Privacy Policy Personal "
        "Information Services Service Site Website Day Year Is Are Was Were Do Does Did Has Have Be Been Will "
        "Shall May Must Can One Two Three Some Most Many Other Both Who What Which How Why Patients People "
        "OFFICIAL Sometimes More Paragraph Subpart DC D.C"
    ).split()
)

STRONGER = (
    (r"\bis (?:permitted|entitled) to\b", "is required to"), (r"\bsome (?=[a-z]+s\b)", "all "),
    (r"^Some (?=[a-z]+s\b)", "All "),
    (r"\bmany (?=[a-z]+s\b)", "all "), (r"^Many (?=[a-z]+s\b)", "All "), (r"\b[Mm]ost (?=[a-z]+s\b|of\b)", "all "),
    (r"\bsometimes\b", "always"), (r"(?<!not )(?<!more )(?<!n't )\b(?:usually|generally|typically|often)\b", "always"),
    (r"\b(?:approximately|about|around|roughly|nearly) (?=\$?\d)", "exactly "), (r"\bup to (?=\$?\d)", "at least "),
    (r"\b(?:at least|no fewer than|a minimum of|no less than) (?=\$?\d)", "more than "),
    (r"\b(?:at least|no fewer than|a minimum of|no less than) (?=\$?\d)", "exactly "),
    (r"\bat most (?=\$?\d)", "less than "),
    (r"\bsuggest that\b", "prove that"), (r"\bsuggests that\b", "proves that"), (r"\bsuggested that\b", "proved that"),
    (r"(?<!more )\blikely to\b", "certain to"), (r"\bmainly\b|\bprimarily\b", "exclusively"),
    (r"\b(?:associated with|linked to|linked with)\b", "caused by"), (r"\bcertain (?=[a-z]+s\b)", "all "),
    (r"\bone of (?=the (?:most|largest|main|first|leading|best|oldest|major|biggest|few)\b)", ""),
    (r"\bin some cases\b", "in every case"), (r"\brarely\b", "never"),
)  # fmt: skip
_MAY = r"\bmay (?!not\b|never\b|be\b|have\b|also\b)"
_CHANCE = r"\b(?:may|can|could|might) (?!not\b|never\b|also\b)"
STRONGER_DUTY = (
    (_MAY, "must "), (_MAY, "shall "), (_MAY, "is obliged to "), (r"\bmay be (?=\w+ed\b)", "must be "),
    (r"\bshould\b", "must"), (r"\breasonable efforts\b", "all possible efforts"),
)  # fmt: skip
STRONGER_CHANCE = (
    (_CHANCE, "will "), (_CHANCE, "will "), (_CHANCE, "will always "), (_CHANCE, "must "), (r"\bshould\b", "must"),
)  # fmt: skip
