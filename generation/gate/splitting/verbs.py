"""Common English verbs of contracts, accounts and clinical papers, and their forms: a lexicon, no model."""

from __future__ import annotations

MODALS = frozenset("must shall may will can should would could might cannot can't won't mustn't shouldn't".split())
BE = frozenset("is are was were isn't aren't wasn't weren't".split())
HAVE = frozenset("has have had hasn't haven't hadn't".split())
DO = frozenset("does do did doesn't don't didn't".split())
AUXILIARIES = MODALS | BE | HAVE | DO

_CLEAR = (
    "abandon accept accompany achieve acquire adapt add adjust administer admit adopt agree allow alter amend "
    "analyse analyze announce appear apply appoint approve arrange arrive ask assert assess assign assist assume "
    "attend avoid bear become begin believe belong bind bring build buy calculate carry catch characterize choose "
    "classify collect combine come commence communicate compare compensate comply comprise conclude conduct "
    "confirm connect consider consist constitute consume contain continue contribute convert correlate cover "
    "create decide declare define delete deliver demonstrate depend derive describe destroy detect determine "
    "develop diagnose die differ disclose discontinue discover discuss dispose distinguish distribute divide do "
    "drive earn eat elect employ enable encourage enforce engage enhance enrol enter establish evaluate examine "
    "exceed exclude execute exist expect expire explain explore expose express extend fail feel fill find follow "
    "forbid forfeit found fulfil generate get give go govern grow handle have identify impair implement imply "
    "impose improve include incorporate incur indemnify indicate induce inform inhibit initiate injure insert "
    "inspect install insure intend introduce investigate invite involve isolate join keep kill know lay learn let "
    "lie locate lose maintain make manage marry mean meet merge modify negotiate notify observe obtain occupy "
    "occur operate organise organize oversee owe participate pay perform predict prefer prepare prescribe "
    "preserve prevent proceed produce prohibit propose protect prove provide publish put randomize receive "
    "recognise recognize recommend recover recruit redeem reduce refer reflect refuse register regulate reimburse "
    "reject relate relocate remain remit remove renew repay replace represent require resign resolve respond "
    "restore restrict retain retire reveal revoke satisfy say see seek seem select sell send serve settle speak "
    "specify spend stimulate sublet submit suffer suggest supersede survive suspend take tell tend terminate "
    "think translate treat try undergo understand undertake validate vary verify waive warn withdraw withhold "
    "write"
).split()
# Forms of these are often nouns or adjectives ("charges", "report", "secure").
_NOUNS_TOO = (
    "access account act address advance affect aim amount answer appeal associate attempt award back balance ban "
    "benefit book break broadcast call cancel capture care cause chair challenge change charge check claim clean "
    "close complete construct contact contract control correct cost cut damage date deal decline decrease delay "
    "demand deposit design direct display document draw drop effect end estimate exercise experience export face "
    "fall feature file finance fine fix focus form fund gain grant group guarantee halt head help hire hold host "
    "house import increase influence interview issue label last launch lead lease leave license limit link list "
    "live look lower mark match matter measure mention monitor move name need note offer open order own pass "
    "permit place plan play point present process promise pull purchase raise range rank rate reach read record "
    "refund release rent repair repeat report request research reserve rest result return review rise run sample "
    "score screen secure set share ship show sign sound spread stand start state stay step stop store study "
    "supply support surrender suspect target tax test total trade train transfer travel turn update use value "
    "visit void vote wait want warrant wear win work"
).split()
_DOUBLED = frozenset(
    (
        "permit prefer submit commit remit refer incur occur transfer plan stop drop ship control cancel travel label "
        "ban fulfil omit admit"
    ).split()
)
# base: past, participle where they are not regular
_IRREGULAR = {
    line.split()[0]: tuple(line.split()[1:])
    for line in (
        "bear bore borne,become became become,begin began begun,bind bound bound,break broke broken,"
        "bring brought brought,broadcast broadcast broadcast,build built built,buy bought bought,catch caught caught,"
        "choose chose chosen,come came come,cut cut cut,deal dealt dealt,do did done,draw drew drawn,"
        "drive drove driven,eat ate eaten,fall fell fallen,feel felt felt,find found found,forbid forbade forbidden,"
        "get got got,give gave given,go went gone,grow grew grown,have had had,hold held held,keep kept kept,"
        "know knew known,lay laid laid,lead led led,leave left left,let let let,lie lay lain,lose lost lost,"
        "make made made,mean meant meant,meet met met,oversee oversaw overseen,pay paid paid,put put put,"
        "read read read,repay repaid repaid,rise rose risen,run ran run,say said said,see saw seen,"
        "seek sought sought,sell sold sold,send sent sent,set set set,show showed shown,speak spoke spoken,"
        "spend spent spent,spread spread spread,stand stood stood,sublet sublet sublet,take took taken,"
        "tell told told,think thought thought,undergo underwent undergone,understand understood understood,"
        "undertake undertook undertaken,wear wore worn,win won won,withdraw withdrew withdrawn,"
        "withhold withheld withheld,write wrote written"
    ).split(",")
}


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    if base == "have":
        return "has"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _regular(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLED else "") + "ed"


_ALL = (*_CLEAR, *_NOUNS_TOO)
BASES = frozenset(_ALL)
THIRDS = frozenset(map(_third, _ALL))
PASTS = frozenset(_IRREGULAR.get(base, (_regular(base), ""))[0] for base in _ALL)
PARTICIPLES = frozenset(_IRREGULAR.get(base, ("", _regular(base)))[1] for base in _ALL)
AMBIGUOUS = frozenset(form for base in _NOUNS_TOO for form in (base, _third(base)))
# Never a participle ("rose", "gave").
PLAIN_PASTS = PASTS - PARTICIPLES
# Pasts that take no object, so that they open no reduced relative clause ("costs fell", "the term expired").
INTRANSITIVE = frozenset(
    (
        "increased decreased declined dropped improved remained resulted occurred expired ended started lasted began "
        "existed belonged proceeded agreed resigned commenced participated complied continued failed lived"
    ).split()
)
# Verbs whose object may be a list of which each item holds alone ("covers cleaning, heating and water").
LISTING = frozenset(
    form
    for base in (
        "accept allow approve collect contain cover deliver disclose exclude give include list mention monitor obtain "
        "offer operate own permit prevent process produce prohibit protect provide publish purchase receive record "
        "reduce reimburse release remove replace report require retain sell store submit supply support treat use buy "
        "inspect insure maintain repair clean affect cause improve increase decrease inhibit involve limit"
    ).split()
    for form in (base, _third(base), _IRREGULAR.get(base, (_regular(base),))[0])
)
