"""Words that every text of a language has and none is found by, case-folded."""

from __future__ import annotations

ENGLISH = frozenset(
    (
        "a an and are as at be been by did do does for from had has have how if in into is it its of on or "
        "our so such than that the their them then there these they this those to was we were what when where "
        "which who whom whose why will with would you your"
    ).split()
)
_OTHERS = {
    "de": "aber als am an auch auf aus bei bis da dann das dass dem den der des die dies diese diesem diesen dieser "
          "dieses durch ein eine einem einen einer eines er es für hat haben ich ihr im in ist kann mit nach nicht "
          "noch nur ob oder sein seine sich sie sind so über um und unter vom von vor war was welche welcher welches "
          "wenn wer werden wie wird wo zu zum zur",
    "fr": "a à au aux avec ce ces cette comme dans de des du d elle en est et été être il ils je l la le les leur "
          "leurs lui mais ne nous on ont ou où par pas pour qu que quel quelle quelles quels qui s sa se ses si son "
          "sont sur un une vous y",
    "es": "a al como con cual cuál de del e el él ella en es esta este esto ha hay la las le les lo los más no o para "
          "pero por que qué quien quién se ser si sin sobre son su sus un una y",
    "it": "a ad al alla alle ai agli anche che chi come con da dal dalla dei del della delle degli di e è ed gli ha i "
          "il in la le lo ma nel nella non o per più quale quali se si sono su sul sulla un una uno",
    "pt": "a à ao aos as às com como da das de do dos e é em entre essa esse esta este foi há mais mas na nas não no "
          "nos o os ou para pela pelo por qual quais que quem se sem ser seu sua são um uma",
    "nl": "aan als bij dan dat de deze die dit door een en er het hij hoe ik in is kan met na naar niet of om onder "
          "ook op over te tot uit van voor was wat welke wie wij worden wordt zal ze zich zij zijn",
    "pl": "a aby albo ale bez być był była było co czy dla do gdy go i ich ile im jak jaka jaki jakie jako jego jej "
          "jest już która które który ma mi na nad nie o od oraz po pod przez przy są się ta tak tego tej ten to tym "
          "u w we z za ze że",
    "ru": "а без был была были было быть в вам вас во вы где да для до его ее её если есть за и из или им их к как "
          "какая какие какой когда кто ли между мы на над не него нее неё но о об он она они оно от по под при с со "
          "так также то только у что чтобы это этого этой этом этот я",
    "sv": "att av de den det din du där efter ej eller en ett från för ha han har hon hur här i inte jag kan men med "
          "när och om på sig sin ska skall som till under upp ut vad var vem vi vid vilka vilken är",
    "da": "af at de den der det du efter eller en er et for fra ha han har hun hvad hvem hvilken hvor hvornår i ikke "
          "jeg kan med men når og om på sig sin skal som til under ud var ved vi",
    "no": "av at de den der det du etter eller en er et for fra ha han har hun hva hvem hvilken hvor når i ikke jeg "
          "kan med men og om på seg sin skal som til under ut var ved vi",
}  # fmt: skip
STOP_WORDS = {language: frozenset(words.split()) for language, words in _OTHERS.items()}
