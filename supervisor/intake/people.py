"""Persons with their posts, in every order a roster prints them (张三 县长, 张三（县长）, 县长张三, 县长 张三)."""

import re
from dataclasses import dataclass

from supervisor.intake.passages import fold
from supervisor.intake.run_together import parted
from supervisor.intake.surnames import COMPOUND, SURNAMES, has_surname
from supervisor.intake.units import looks_like_unit, strip_brackets

GAP = "\x1f"
POST_WORD = re.compile(
    r"(?:长|任|书记|员|师|席|理|秘书|司令|政委|委员|代表|人|裁|监|主办|同志|负责人?|常委|领导|干部|参谋|助理|督学|专干|助管|副职)(?:\([^()]*\))?$"
)
_NOT_NAME = re.compile(
    r"(?:局|委|办|厅|部|[局市县区部厅处科所站队院校行会州镇乡组司秘机社馆台董股旗盟村园营团连排]长|书长|事长|主任|书记|委员|成员|专员|调研员|巡视员|干部|政府|公司|中心|办公室|"
    r"主席|单位|部门|经理|支队|大队|领导|负责人|同志|秘书|各区|各县|名单|街道|镇|乡|组|院|会|处|科|集团|银行|附件|备注|姓名|职务|职称|电话|分工|职责|"
    r"待定|空缺|人员|组长|牵头|配合|区|县|市|街镇|镇街|单位及职务|副|政委|参谋|总工|股|站|所|队)$"
)
_ATTRIBUTE = re.compile(
    r"^(?:男|女|[一-龥]{1,5}族|挂职|兼|中共党员|党员|\d{11}|正处|副处|正科|副科|[正副].级)(?:[,、;](?:男|女|[一-龥]{1,5}族|挂职|[正副].级))*$"
)
_UNIT_OF_POST = re.compile(
    r"^(?P<unit>(?!副|原|常务|分管|主要|有关|相关)[^、,].{0,39}?(?:人民政府办公室|人民政府办公厅|政府办公室|政府办公厅|人民政府|管委会|管理委员会|委员会|党工委|政府办|政府|"
    r"办公室|办公厅|办事处|(?:集团|股份|有限|责任|分|总)*公司|集团|中心|支队|大队|总队|分局|分行|支行|银行|总局|管理局|"
    r"法委|纪委监委|纪委|(?<!常)委(?!副?书记|常委|员)|局|厅|部|会|院|署|办|处|站|所|队|行|社|校|学院|大学|馆|台|街道|镇|乡|总工会|工会|法院|检察院|"
    r"组织|党校|医院|协会|联合会|园|区|县|联社|海关|学校|中学|小学|段|厂|林场|农场)(?:\([^()]{2,30}\))?)"
    r"(?=(?:原|常务|专职|党组|党委|党总支|党支部|机关|纪检|分管|主要|班子|一级|二级|三级|四级|总|副|第一|代|挂职|有关|相关|主持|执行|首席|正|科技|高级)*"
    r"(?:成员|书记|局长|主任|部长|厅长|区长|县长|市长|州长|镇长|乡长|会长|院长|署长|处长|科长|股长|站长|所长|队长|行长|社长|校长|馆长|台长|关长|场长|园长|"
    r"支队长|大队长|总队长|主席|理事长|总经理|经理|董事长|总裁|工程师|会计师|经济师|规划师|统计师|农艺师|畜牧师|兽医师|检验师|督学|调研员|巡视员|主办|负责人|负责同志|领导|"
    r"同志|秘书长|检察长|委员|常委|干事|参谋|政委|政治委员|司令员|主管|指挥长|监察专员|副职|助理|代表|干部|科员|员|长))"
)
_PARTY = re.compile(
    r"^.{0,10}?(?:市委|区委|县委|州委|省委|旗委|州党委|镇党委|乡党委)(?:副书记|书记|常委|委员|副秘书长|秘书长)"
)
_GLUED = re.compile(
    r"(?P<post>.{0,40}(?:长|书记|主任|主席|委员|常委|经理|总裁|工程师|会计师|经济师|调研员|巡视员|主办|专员|负责人|政委|成员))(?:\(兼\))?(?P<name>[一-龥]{2,4}|[一-龥]{1,8}(?:[·•][一-龥]{1,10}){1,3})(?:同志)?(?:\([^()]{1,12}\))?$"
)
_PROVINCE = (
    r"(?:江苏|江西|安徽|云南|山西|山东|广东|广西|海南|湖南|甘肃|吉林|宁夏|河北|河南|湖北|贵州|福建|辽宁)"
)
# 甲某市委书记: a name and a post that lost the space between them; 王 曦副省长 spaces the name only
_AREA = (
    rf"(?:省|市|县|区|州(?!市)|旗|副|常务|镇|国网|中国|{_PROVINCE}|"
    r"(?:(?![行局司部院校业展公])[一-龥]){2,5}(?:省|市|县|区|州|旗|镇|乡))"
)
_RUN_ON = re.compile(rf"(?P<name>[一-龥]{{3}}|[一-龥]{{2}})(?P<post>{_AREA}.{{1,60}})")
_RUN_ON_SPACED = re.compile(rf"(?P<first>[一-龥])\x1f(?P<second>[一-龥])(?P<post>{_AREA}[^\x1f]{{1,60}})")
# 局长甲和副局长乙: the word between two persons, not the one within a name
_BETWEEN = re.compile(
    rf"((?:长|主任|书记|主席|员|师)(?:\([^()]{{1,4}}\))?[{''.join(sorted(SURNAMES))}][一-龥]{{1,2}}?)(?:以及|和|及)(?=[一-龥])"
)

# 张三(县长)李四(副县长): the mark between two persons is lost
_CLOSED = re.compile(r"\)(?=([一-龥·]{2,12})\()")
# 汪 勇(…): the space within a name that a bracket follows
_SPACED = re.compile(rf"(?<![一-龥])([一-龥]|{COMPOUND})\x1f+([一-龥]{{1,2}})(?=\()")


@dataclass(frozen=True, slots=True)
class Person:
    """A name and the post beside it, folded."""

    name: str
    post: str


def is_name(token: str) -> bool:
    """Tell whether a folded token can be a person's name: two to four Han characters, or longer with · (E-05)."""
    if "·" in token or "•" in token:
        return bool(re.fullmatch(r"[一-龥㐀-䶿]{1,8}(?:[·•][一-龥㐀-䶿]{1,10}){1,3}", token))
    return bool(re.fullmatch(r"[一-龥㐀-䶿\U00020000-\U0002FFFF]{2,7}", token)) and not _NOT_NAME.search(
        token
    )


def sure_name(token: str) -> bool:
    """Tell whether a token is a name wherever it stands: a usual surname and one or two characters, or with ·."""
    if "·" in token or "•" in token:
        return is_name(token)
    longest = 4 if re.match(COMPOUND, token) else 3
    return is_name(token) and len(token) <= longest and has_surname(token)


def split_name(words: list[str]) -> tuple[str, list[str]] | None:
    """Take a person's name from the head of a list of words; one-character words join (汪 勇)."""
    if not words:
        return None
    taken, name = 0, ""
    if words[0] in COMPOUND.split("|") and len(words) > 1 and len(words[1]) <= 2:
        name, taken = words[0] + words[1], 2
    elif len(words[0]) == 1 and len(words) > 1 and len(words[1]) <= 3:
        while taken < len(words) and len(words[taken]) <= 2 and len(name) + len(words[taken]) <= 4:
            if name and len(name) >= 2 and len(words[taken]) > 1:
                break
            name += words[taken]
            taken += 1
    else:
        name, taken = words[0], 1
    name = name.strip(",、:;")
    if not is_name(name):
        return None
    if len(name) >= 4 and not ("·" in name or re.match(COMPOUND, name)) and not words[taken:]:
        return None
    return name, words[taken:]


def unit_of(post: str) -> str | None:
    """Return the longest unit name at the head of a post; party posts of an area name no unit (E-12, E-14)."""
    folded = fold(post)
    if _PARTY.match(folded):
        return None
    match = _UNIT_OF_POST.match(folded)
    return post[: len(_outer(match["unit"]))] if match else None


def _outer(unit: str) -> str:
    """Drop an inner office at the end (武汉供电公司配网建设中心 is a part of the company)."""
    match = re.match(
        r"^(.{2,30}?(?:公司|局|委|厅|政府|管委会|分行|支行|大学|学院))(?=.{2,}(?:中心|处|科|室|所|站|队|办)$)",
        strip_brackets(unit),
    )
    if match and "(" not in unit and not re.search(r"分局|分公司|政府(?:办公室|办公厅|办)$", unit):
        return match.group(1)
    return unit


def _tokens(text: str) -> list[tuple[str, str]]:
    """Split at gaps, 、 , and ; outside brackets; each token with the separator before it."""
    tokens: list[tuple[str, str]] = []
    depth, start, before = 0, 0, ""
    for i, char in enumerate(text):
        depth = depth + 1 if char in "(〔〈" else max(0, depth - 1) if char in ")〕〉" else depth
        if depth == 0 and char in GAP + "、,;":
            if i > start:
                tokens.append((before, text[start:i]))
                before = ""
            before = char if char != GAP or not before else before
            start = i + 1
    if start < len(text):
        tokens.append((before, text[start:]))
    return _joined(tokens)


def _joined(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join the parts of spaced names (汪 勇, 欧 阳明) and brackets that stand behind a gap."""
    out: list[tuple[str, str]] = []
    i = 0
    while i < len(tokens):
        before, token = tokens[i]
        run = [token]
        while i + len(run) < len(tokens) and tokens[i + len(run)][0] == GAP and len(run) < 4:
            run.append(tokens[i + len(run)][1])
        named = split_name(run) if len(token) == 1 or token in COMPOUND.split("|") else None
        used = len(run) - len(named[1]) if named else 1
        token = named[0] if named else token
        i += used
        if i < len(tokens) and tokens[i][1][0] == "(" and tokens[i][0] in {GAP, ""}:
            token += tokens[i][1]
            i += 1
        out.append((before, token))
    return out


def _bracketed(token: str) -> Person | None:
    """Read 张三(县长); a remark in the brackets (女, 回族) is no post."""
    match = re.fullmatch(r"(?P<name>[^()]{2,16})\((?P<post>.{1,60})\)", token)
    if not match or not is_name(match["name"]):
        return None
    if _ATTRIBUTE.match(match["post"]):
        return Person(match["name"], "")
    post = re.sub(r"^(?:男|女|[一-龥]{1,5}族)[,、;]", "", match["post"])
    return Person(match["name"], post) if len(post) >= 2 else None


def _glued(token: str) -> Person | None:
    match = _GLUED.fullmatch(token)
    if match and sure_name(match["name"]) and (len(match["post"]) >= 2):
        return Person(match["name"], match["post"])
    return None


class _Sequence:
    """Walks the tokens of a run of people; the first token tells whether names or posts come first."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.name = ""
        self.post = ""
        self.broken = False
        self.bracketed = False

    def close(self) -> None:
        """End the person whose name stands open."""
        if self.name:
            self.people.append(Person(self.name, self.post))
            self.name = self.post = ""

    def add(self, before: str, token: str, *, first: bool) -> None:
        """Take one token."""
        whole = _bracketed(token)
        bare = re.sub(r"同志$", "", token)
        if whole and (first or sure_name(whole.name) or not self.name or (self.bracketed and before == "、")):
            self.close()
            self.bracketed = True
            self.name, self.post = whole.name, whole.post or self._pending()
        elif glued := (None if self.name and not self.post else _glued(token)):
            post = self._pending()
            self.close()
            self.people.append(Person(glued.name, post + ("、" if post else "") + glued.post))
        elif self._starts(before, bare, first=first):
            post = self._pending()
            self.close()
            if post:
                self.people.append(Person(bare, post))
            else:
                self.name = bare
        else:
            self.broken = self.broken or bool(self.name and not self.post and before == "、")
            self.post += ("" if not self.post or before in {GAP, ""} else before) + token

    def _pending(self) -> str:
        """Return the post that stands before its person."""
        if self.name:
            return ""
        post, self.post = self.post, ""
        return post

    def _starts(self, before: str, token: str, *, first: bool) -> bool:
        if first:
            return is_name(token)
        behind_post = before == GAP and not self.name and bool(POST_WORD.search(self.post))
        return sure_name(token) or (behind_post and is_name(token) and len(token) <= 3)


def _run_on(text: str) -> list[Person] | None:
    """Read one person whose name and post lost the space between them (甲某市委书记)."""
    spaced = _RUN_ON_SPACED.fullmatch(text)
    match = spaced or _RUN_ON.fullmatch(text.replace(GAP, ""))
    if not match:
        return None
    name = spaced["first"] + spaced["second"] if spaced else match["name"]
    post = match["post"].rstrip(")") if match["post"].count(")") > match["post"].count("(") else match["post"]
    known = sure_name(name) and not re.fullmatch(_PROVINCE, name)
    return [Person(name, post)] if known and POST_WORD.search(post) else None


def people(text: str) -> list[Person] | None:
    r"""Return the persons of a run such as 张三 县长、李四 副县长; None where it names nobody or leaves a rest.

    Args:
        text: folded, with \x1f where the document has white space.
    """
    text = text.strip(f"。;、,{GAP}")
    text = _CLOSED.sub(lambda match: match[0] + "、" * sure_name(match[1]), text)
    found = _in_order(_BETWEEN.sub(r"\1、", _SPACED.sub(r"\1\2", text)))
    if found:
        return found
    pairs = parted(text) if GAP not in text else None
    together = [Person(name, post) for name, post in pairs or []]
    return together if len(together) > 1 else _run_on(text) or together or None


def _in_order(text: str) -> list[Person] | None:
    """Read names and posts that white space, marks or brackets part."""
    run = _Sequence()
    for i, (before, token) in enumerate(_tokens(text)):
        run.add(before, token, first=i == 0)
    if run.broken or (not run.name and run.post):
        return None
    run.close()
    found = run.people
    if not found or any(len(p.name) > 3 and not p.post and not sure_name(p.name) for p in found):
        return None
    if any(
        p.post and not (POST_WORD.search(p.post) or len(p.post) >= 4 or looks_like_unit(p.post))
        for p in found
    ):
        return None
    return found
