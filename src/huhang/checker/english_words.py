"""The patterns by which English statistical prose is read."""

from __future__ import annotations

import re

END = re.compile(
    r"(?<!\bNo)(?<!\bvs)(?<!\bSt)(?<!U\.S)(?<!\bapprox)[.!?](?=\s+[\"“(]?[A-Z0-9]|\s*$)"
)
CUT = re.compile(
    r"[,;:()](?!\d{3}\b)|\s(?:while|whereas|(?<!imports )(?<!exports )(?<!import )(?<!export )and(?=\s(?:imports|exports|the|that|its|rural|urban|tax|non))|but|with|of which)\s",
    re.IGNORECASE,
)
UP = (r"rose|risen|rise|rising|grew|grown|growing|grow|growth|increas(?:ed|es|ing|e)|climb(?:ed|ing)?|jump(?:ed|ing)?|surg(?:ed|ing|e)|gain(?:ed|ing|s)?|expan(?:ded|ding|sion)|"
       r"advanc(?:ed|ing|e)|soar(?:ed|ing)?|(?<!made )(?<!make )(?<!makes )(?<!making )up|improved?|improvement|widen(?:ed|ing)|higher|accelerat(?:ed|ing)|rebound(?:ed)?|(?<!value )(?<!value-)added|edged up|picked up|went up|exceed(?:ed|ing)|outpac(?:ed|ing)")  # fmt: skip
DOWN = (r"fell|fallen|falling|fall|dropp?(?:ed|ing)?|declin(?:ed|ing|e)|decreas(?:ed|ing|e)|shrank|shrunk|slid|contract(?:ed|ing|ion)|slipp?(?:ed)?|"
         r"down|dipp?(?:ed)?|plung(?:ed|e)|reduc(?:ed|tion|ing)|lower|narrow(?:ed|ing)|slow(?:ed|ing|er|down)|tumbled|lost|eased|went down|edged down|trail(?:ed|ing)")  # fmt: skip
ADVERB = r"(?:\s(?:sharply|slightly|further|steadily|rapidly|strongly|modestly|markedly|significantly|also|only|again|year[- ]on[- ]year|year-over-year|yoy|on year|month[- ]on[- ]month|in real terms|by|of|a|an|about|around|nearly|almost|over|more than|respectively|some|roughly|approximately|the|was|at|to be|rate|rates|reached|stood at|even|just|nominally|annually|faster|at an annual))*"
GROWTH = re.compile(rf"\b(?P<v>{UP}|{DOWN})\b(?P<adv>{ADVERB})\s?$", re.I)
AFTER_GROWTH = re.compile(
    r"^\s?(?:\(?(?:year[- ]on[- ]year|year-over-year|yoy|month[- ]on[- ]month|annual|on-year)\)?\s)?"
    r"(?P<v>increase|rise|growth|gain|jump|surge|expansion|decline|decrease|drop|fall|reduction|contraction|(?:higher|more|lower|less|fewer) than|(?:higher|lower)(?=[,.;)]|\s(?:and|while|whereas|but|year)\b|\s*$)|(?:more|fewer|less)(?=[,.;)]|\s*$))",
    re.I,
)
LAST_YEAR_OPENS = re.compile(
    r"\s*(?:In|At|By|On|During|For)\s[^,.;\d]{0,30}?\b(?:last year|(?:the )?(?:previous|preceding) year),?\s[^,.;\d]{0,40}?\b(?:had|was|were|stood)\b"
)
"""In June of the previous year there had been …: a value to compare with."""
CONCLUDES = re.compile(
    r"(?:(?:this|that|it|which)\s?)?(?:correspond(?:s|ed|ing)?|represent(?:s|ed|ing)?|equal(?:s|led|ling)?|equates?|equivalent|mean(?:s|t|ing)|"
    r"translat(?:es|ed|ing)|works? out|mark(?:s|ed|ing)|impl(?:ies|ied|ying)|mak(?:es|ing)|giv(?:es|ing)|(?:was|is) due)(?: (?:to|in|into|at|for|thus|therefore|a|an))*",
    re.I,
)
"""This corresponds to growth of …: of what the sentence before is about."""
SHARE_TAIL = re.compile(
    r"\b(?:account(?:ed|ing|s)? for|mak(?:es?|ing) up|made up|represent(?:ed|ing|s)?|constitut(?:ed|ing|es)|compris(?:ed|ing|es)|(?:a |the |its |their )?(?:combined )?(?:share|proportion)s?(?: of [^,;]{1,50}?)?(?: (?:was|were|stood at|reached|of|at|rose to|fell to|climbed to|is|being))?)\s(?:respectively\s|about |around |nearly |almost |over |more than |some |roughly )*$",
    re.I,
)
OF_WHOLE = re.compile(
    r"^\s?(?:respectively\s)?(?:\(?[a-z -]{0,20}\)?\s)?of (?P<whole>(?:the |all |its |total )*[A-Za-z][^,.;()]{1,60}?)(?=[,.;()]|\sand\s|\swhile\s|\srespectively|\sin the|\sin \w+ \d|\s(?:were|was|are|is|said|rated|had|have|has|reported)\s|$)",
    re.I,
)
OF_TIME = re.compile(
    r"(?:a|one|the|last|this) (?:same |previous |preceding )?(?:year|month|quarter|week|period)\b",
    re.I,
)
"""the 68.2 per cent of a year earlier: no whole."""
BASIS = [
    ("mom", re.compile(r"month[- ]on[- ]month|month-over-month|mom\b|from (?:the )?(?:previous|last) (?:month|quarter)|from a month earlier|on-month|quarter[- ]on[- ]quarter|than (?:the previous|last) month|compared with (?:the previous|last) month", re.I)),
    ("avg", re.compile(r"two-year average|average annual|annual average|annually on average", re.I)),
    ("base", re.compile(r"(?:from|than|compared (?:with|to)) (?:the same period (?:of|in) )?(?:19|20)\d\d|(?:since|than(?: at)?|from|compared with|over) the (?:beginning|start|end) of", re.I)),
    ("yoy", re.compile(r"year[- ]on[- ]year|year-over-year|yoy|from a year (?:earlier|ago|before)|than a year (?:earlier|ago)|from the same|on-year|annual|than the same|from last year|over the same|compared with the same", re.I)),
]  # fmt: skip
POINTS_REF = re.compile(
    r"^\s?(?:(?:higher|lower|faster|slower|more|less|above|below|up|down|greater)\s)?(?:than|above|below|from|over|compared (?:with|to)|behind|ahead of)\s(?P<ref>[^,;]+)",
    re.I,
)
POINTS_AFTER = re.compile(
    r"^\s?(?P<d>higher|faster|above|more|up|ahead|greater|lower|slower|below|less|down|behind|short)\b",
    re.I,
)
REFERENCE = re.compile(
    r"\b(?:from|than|compared (?:with|to)|versus|against|above|below|outpacing|exceeding)\s(?P<ref>[^,;]*)$",
    re.I,
)
LEVEL_TAIL = re.compile(
    r"\s?\b(?:were|was|is|are|of|at|to|by|reached|reaching|totall?(?:ed|ing)|stood at|standing at|came (?:to|in at)|amounted to|amounting to|hit|hitting|recorded|registered|worth|valued at|exceeded|topped|had|has|have|been|about|around|nearly|almost|over|more than|some|roughly|approximately|only|just|a|an|the|with|as many as|contributed|(?<!value )added|expanded|produced|earned|yielded|totaling|respectively|bringing in|coming to|posted|generated|equal to|estimated|at least|including|accounted for|made up|numbered|for)\s?$",
    re.I,
)
PART = re.compile(
    r"\b(?:of which|of whom|of them|of these|among them|among these|of those|of this(?: total)?"
    r"|including(?!.*\b(?:made up|account(?:s|ed) for|was|were|is|are|had|rose|fell|totall?ed|came to|reached|stood at)\b))\b",
    re.I,
)
ALL = re.compile(
    r"\b(?:made up of|consist(?:s|ed|ing) of|compris(?:ed|ing) of|comprising|comprised|composed of|broken down into|divided into|split into|breaks down into|namely|that is,)\b",
    re.I,
)
REST = re.compile(
    r"\b(?:the (?:remaining|rest|other|remainder|balance)|remaining|remainder|and others)\b", re.I
)
CLOSES = re.compile(
    r"(?:for a (?:combined )?total of|(?:making|bringing|giving|for) (?:a|the) (?:combined |grand )?total (?:of|to)|altogether|in total,?|combined,? (?:they|these) total(?:l?ed)?|together total(?:l?ing|l?ed)|a combined total of|adding up to|totall?ing)\s?$",
    re.I,
)
STRIP = re.compile(
    r"\b(?:year[- ]on[- ]year|month[- ]on[- ]month|year-over-year|on-year|yoy|in real terms|at constant prices|at comparable prices|respectively|from (?:a year|the same period|the previous)[^,]*|compared with[^,]*|"
    r"(?:sharply|slightly|further|steadily|rapidly|strongly|modestly|also|again|meanwhile|however|of which|of them|of these|among them|among these|including|of the total|while|whereas|which|so that|that|by contrast|in contrast|giving|bringing|leaving))\b",
    re.I,
)
TO = re.compile(r"\bto\s(?:about |around |nearly |over |more than |some |a record )*$", re.I)
FROM = re.compile(r"\bfrom\s(?:about |around |nearly |over )*$", re.I)
BESIDE = re.compile(r"\b(?:compared (?:with|to)|against|versus)\s(?:the\s)?$", re.I)
VALUED = re.compile(r"\d[^\d();:]*\s\((?:in )?(?:the )?$", re.I)
"""A value, its words, and the bracket that opens behind them."""
COMPARED_VALUE = re.compile(
    r"(?:\b(?:from|than|compared (?:with|to)|against|versus)|(?:[\d%]|per ?cent)\s(?:\w+\s)?(?:on|over)(?= the\b| last\b| [$£€¥\d]))"
    r"\s(?:the\s)?[$£€¥]?[\d,.]*\d[^,;.\d]{0,40}$",
    re.I,
)
"""What stands before the period of a value that is compared with: from 4.0 % in …."""
COMPARED_FIGURE = re.compile(
    r"\b(?:above|below|than|from|against|on)\s(?:the\s)?(?:figure|level|total|value|number|that|those|one)\s"
    r"(?:for|of|in|seen in|recorded in)\s(?:the\s)?$",
    re.I,
)
"""1.6 % below the figure for July of last year."""
DONE = re.compile(
    r"\s(?:[a-z]+\s){0,2}(?:were|was|have been|had been)\s[a-z]+(?:ed|en|et|id)(?:\s(?!by\b)[a-z ]{2,30})?,\s(?:or\s)?",
    re.I,
)
"""3,290 were closed during the year, 80.1 per cent, …: a share of those there are."""
BASE = re.compile(
    r"\s?(?:[a-z]+(?:-[a-z]+)+\s|higher\s|lower\s|more\s|less\s|fewer\s|in value\s)?"
    r"(?:on|over|than|against|versus|compared (?:with|to))\s(?:the |last year's |the previous year's )?(?:about |around |nearly |some )*",
    re.I,
)
"""Between a rate or amount of change and the value that it is counted from: up 6.9 % on the …."""
SET_AGAINST = re.compile(
    r"\)?\s?(?:(?:higher|lower|more|less|fewer|greater)\sthan|above|below|compared (?:with|to)|than)\s"
    r"(?:(?:in|at|during)\s(?:the\s)?[\w /-]{3,30}\(|(?:the\s)?"
    r"(?:(?:(?!and\b|but\b|or\b|while\b|when\b|which\b|in\b)[\w'’-]+\s){1,8}(?:of\s|\()|))(?:about |around |nearly |some )?",
    re.I,
)
"""Between a rate or amount and the value that it is counted from: … above the August 2023 rate of …."""
ABOVE = re.compile(
    r"\s?(?P<v>above|below)\s(?:the |its |last )?(?:(?:[\w'’-]+\s){1,6}of\s)?(?!(?:19|20)\d\d\b)[$£€¥]?\d",
    re.I,
)
"""A rate that is counted from the value right behind it."""
AGAINST = re.compile(
    r"^[\s,(]*(?:as )?(?:compared (?:with|to)|against|versus|up from|down from)\s(?:the |just |only |about |around |nearly |some )*$",
    re.I,
)
BEFORE = re.compile(
    r"\s(?:[a-z]+\s)?(?:(?:a|one) (?:year|month|quarter) (?:earlier|ago|before)|last (?:year|month|quarter|week)"
    r"|(?:in |for |of |during )?(?:the )?(?:year|month|quarter|week) before|(?:in |for |of |during )?the (?:previous|preceding|prior|same) (?:financial |fiscal )?(?:year|month|quarter|week|period)"
    r"|at the (?:start|beginning) of)\b",
    re.I,
)
"""Behind a value that is compared with."""
WHEN = re.compile(
    r"\bwhen (?:(?:there|it|they|the|\w+) )?(?:\w+ )?(?:was|were|stood at|totall?ed|came to|numbered)\s(?:about |nearly |some )?$",
    re.I,
)
"""… than in the year before, when there were 15,840."""
WHEN_DONE = re.compile(r"\bwhen\s(?:about |nearly |some |only )?$", re.I)
WAS_DONE = re.compile(r"\s(?:[a-z]+\s){0,2}(?:was|were|had been)\b", re.I)
"""… than a year earlier, when 1,170 were received."""
SIGNED = re.compile(r"[(;] ?(?P<sign>[+—-])\s?$")
"""1,418,322 nights (+2.9 %)"""
BOXED = re.compile(r"(?:\s[a-z]+){0,3}[,;]\s")
"""energy (4,587 cases, 14 %)"""
YEAR_BEFORE = re.compile(
    r"\s?(?:(?:in )?(?:(?:19|20)\d\d(?:[/-]\d+)?|(?:the )?(?:last|previous) year)|a year (?:earlier|before|ago))?\)"
)
"""housing 412 (398), adult care 287 (260): behind the number in brackets."""
EXCEEDED = re.compile(r"\bexceed(?:ed|s|ing) [a-z ]{3,40} by\s(?:about |nearly |some )?$", re.I)
"""Deaths exceeded births by 2,720: the difference of two values, not one of them."""
CORRECTED = re.compile(r"(?:^|,)\s?(?:and )?(?:not|rather than|instead of)\s(?:the )?$", re.I)
"""41.1 billion, not 40.9 billion as first published."""
APPOSED = re.compile(r"(?:,? or|\(|, that is,?)\s?(?:about |some |around |nearly )*$", re.I)
OF_OR = re.compile(r"\s(?:of|in|worth of) [a-z ]{2,30},?\sor\s(?:about |some |nearly )*", re.I)
ONE_IN = re.compile(r"\s(?:in|out of) (?:\d|every|two|three|four|five|ten)", re.I)
OF_THE = re.compile(
    r"\s?(?:out )?of (?:the |all |its |their |these |those |all the )?(?:first |last |nearly |about |some )*",
    re.I,
)
ONLY_THE = re.compile(
    r"[a-z]\s(?:of|in|among|across|for|by|at|from)\s(?:the|our|its|their|all)\s(?:top |first |next |other )?$",
    re.I,
)
"""Turnover of the 12 largest firms: the 12 are not what is spoken of."""
VERB = re.compile(
    rf"[a-z' -]{{0,30}}?\s(?:{UP}|{DOWN}|was|were|is|are|came|reached|totall?ed|stood)\b", re.I
)
OWNED = re.compile(r"[\w ]*(?:'s|s')\s")
"""the 45 villages' meetings: 1,200 of them are no part of the 45."""
FROM_TO = re.compile(
    r"\b(?P<v>ris\w*|rose|grew|grown|increas\w*|climb\w*|jump\w*|went up|up|fell|fall\w*|declin\w*|decreas\w*|dropp?\w*|down|reduc\w*|cut|went|chang\w*)\s"
    r"(?:[a-z]+\s){0,3}?from\s[^;.]{1,60}?\bto\s[^;.]{1,40}$",
    re.I,
)
