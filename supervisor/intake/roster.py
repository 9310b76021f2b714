"""Rosters: who sits on a body, with roles carried to unlabelled lines and wrapped posts (E-01 to E-12)."""

import re
from dataclasses import dataclass, field

from supervisor.intake.draft import Member, Office, Place, Post
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage, Source, fold, split_outside
from supervisor.intake.units import looks_like_unit, strip_brackets

ROLES = (
    "总召集人|第一召集人|副总召集人|常务副召集人|副召集人|联合召集人|召集人|第一组长|双组长|常务副组长|执行副组长|名誉组长|执行组长|副组长|组长|"
    "总指挥长?|第一指挥长|副总指挥长?|常务副总指挥长?|常务副指挥长|执行指挥长|副指挥长|指挥长|第一政委|政委|副政委|"
    "常务副主任委员|副主任委员|主任委员|常务副主任|第一主任|副主任|主任|顾问|秘书长|副秘书长|理事长|副理事长|会长|副会长|"
    "成员单位|组成人员|组员|成员|委员|联络员|总负责人|负责人|牵头人|总协调人|协调人|总河长|副总河长|总林长|副总林长|林长|河长|总链长|链长|副链长|"
    "技术负责人|首席专家|专家|组长单位|副组长单位"
)
_POST_WORD = re.compile(
    r"(?:长|任|书记|员|师|席|理|秘书|司令|政委|委员|代表|人|裁|监|主办|同志|负责人?|常委|领导)(?:\([^()]*\))?$"
)
_NOT_NAME = re.compile(
    r"(?:局|委|办|厅|部|[局市县区部厅处科所站队院校行会州镇乡组司秘机社馆台董]长|书长|事长|主任|书记|委员|成员|专员|调研员|巡视员|干部|政府|公司|中心|办公室|主席|单位|部门|经理|支队|大队|领导|负责人|同志|秘书|各区|各县|名单|街道|镇|乡|组|院|会|处|"
    r"科|集团|银行|附件|备注|姓名|职务|职称|电话|分工)$"
)
_COMPOUND = (
    "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|东方|独孤|南宫|端木|澹台|呼延|完颜"
)
_TITLE = re.compile(
    r"(?:领导小组|指挥部|工作组|专班|委员会|联席会议|工作小组|协调小组)[^。,;:]{0,14}?(?:名单|组成人员|成员|组成|人员)?$"
)
_UNIT_OF_POST = re.compile(
    r"^(?P<unit>(?!副|原|常务)[^、,].{0,39}?(?:人民政府办公室|人民政府办公厅|政府办公室|政府办公厅|人民政府|管委会|管理委员会|委员会|党工委|政府办|政府|"
    r"办公室|办公厅|办事处|(?:集团|股份|有限|责任|分|总)*公司|集团|中心|支队|大队|总队|分局|分行|支行|银行|总局|管理局|"
    r"(?<!常)委(?!副?书记|常委|员)|局|厅|部|会|院|署|办|处|站|所|队|行|社|校|学院|大学|馆|台|街道|镇|乡|总工会|工会|法院|检察院|"
    r"组织|党校|医院|协会|联合会|园|区|县)(?:\([^()]{2,30}\))?)"
    r"(?=(?:原|常务|专职|党组|党委|党总支|党支部|机关|纪检|分管|主要|班子|一级|二级|三级|四级|总|副|第一|代|挂职|有关|相关|主持|执行|首席|正|科技|高级)*"
    r"(?:成员|书记|局长|主任|部长|厅长|区长|县长|市长|州长|镇长|乡长|会长|院长|署长|处长|科长|站长|所长|队长|行长|社长|校长|馆长|台长|"
    r"支队长|大队长|总队长|主席|理事长|总经理|经理|董事长|总裁|工程师|会计师|经济师|规划师|统计师|农艺师|畜牧师|兽医师|检验师|督学|调研员|巡视员|主办|负责人|负责同志|领导|"
    r"同志|秘书长|检察长|委员|常委|干事|参谋|政委|政治委员|司令员|主管|指挥长|监察专员|副职|助理|代表|员|长))"
)
_PARTY = re.compile(
    r"^.{0,10}?(?:市委|区委|县委|州委|省委|旗委|州党委|镇党委|乡党委)(?:副书记|书记|常委|委员|副秘书长|秘书长)"
)


@dataclass(slots=True)
class Roster:
    """What the rosters of a document hold, and which lines they take."""

    members: list[Member] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    offices: list[Office] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Entry:
    name: str
    role: str
    post: str
    start: int
    end: int
    line: int


def is_name(token: str) -> bool:
    """Tell whether a folded token can be a person's name: two to four Han characters, or longer with · (E-05)."""
    if "·" in token or "•" in token:
        return bool(re.fullmatch(r"[一-龥㐀-䶿]{1,8}(?:[·•][一-龥㐀-䶿]{1,10}){1,3}", token))
    return bool(re.fullmatch(r"[一-龥㐀-䶿\U00020000-\U0002FFFF]{2,7}", token)) and not _NOT_NAME.search(
        token
    )


def split_name(words: list[str]) -> tuple[str, list[str]] | None:
    """Take a person's name from the head of a list of words; one-character words join (汪 勇)."""
    if not words:
        return None
    taken, name = 0, ""
    if words[0] in _COMPOUND.split("|") and len(words) > 1 and len(words[1]) <= 2:
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
    if len(name) >= 4 and not ("·" in name or re.match(_COMPOUND, name)) and not words[taken:]:
        return None
    return name, words[taken:]


def unit_of(post: str) -> str | None:
    """Return the longest unit name at the head of a post; party posts of an area name no unit (E-12, E-14)."""
    folded = fold(post)
    if _PARTY.match(folded):
        return None
    best = None
    match = _UNIT_OF_POST.match(folded)
    if match:
        best = match["unit"]
        best = _outer(best)
    return post[: len(best)] if best else None


def _outer(unit: str) -> str:
    """Drop an inner office at the end (武汉供电公司配网建设中心 is a part of the company)."""
    match = re.match(
        r"^(.{2,30}?(?:公司|局|委|厅|政府|管委会|分行|支行|大学|学院))(?=.{2,}(?:中心|处|科|室|所|站|队|办)$)",
        strip_brackets(unit),
    )
    if match and "(" not in unit and not re.search(r"分局|分公司|政府(?:办公室|办公厅|办)$", unit):
        return match.group(1)
    return unit


def _label(line: Line) -> tuple[str, list[str]] | None:
    """Return the role that a line begins with and the words behind it (组 长: 张三 市长)."""
    match = re.match(rf"(?P<role>{ROLES})(?P<mark>:|$|(?=.))", line.text)
    if not match:
        return None
    role = match["role"]
    if line.text[match.end() : match.end() + 1] == ":" and not match["mark"]:
        match = re.match(rf"(?P<role>{ROLES})(?P<mark>:)", line.text) or match
    words = line.words
    seen = 0
    size = len(role)
    while words and seen < size:
        word = words[0]
        if seen + len(word) <= size:
            seen += len(word)
            words = words[1:]
        else:
            words = [word[size - seen :], *words[1:]]
            seen = size
    marked = bool(words) and words[0].startswith(":")
    if marked:
        words = [word for word in [words[0][1:], *words[1:]] if word]
    if not marked and line.text != role and not (words and line.words[0] != words[0] and split_name(words)):
        return None
    return role, words


def _people_inline(words: list[str], role: str) -> list[tuple[str, str]] | None:
    """Read 张三(市住建局局长)、李四(…) or a bare list of names."""
    text = "".join(words)
    parts = [part for part in split_outside(text, "、,;") if part]
    people = []
    for part in parts:
        match = re.fullmatch(r"([^()]{2,8})\(([^()]{2,40}(?:\([^()]*\))?[^()]*)\)", part)
        if match and is_name(match[1]):
            people.append((match[1], match[2]))
        elif is_name(part) and len(part) <= 3 and (len(parts) > 1 or not words[1:]):
            people.append((part, ""))
        else:
            return None
    return people if role and people else None


def _reversed(words: list[str]) -> tuple[str, str] | None:
    """Read post before name (市住建局局长 张三)."""
    if len(words) < 2 or not _POST_WORD.search(words[-2]) or not re.fullmatch(r"[一-龥·]{1,3}", words[-1]):
        if len(words) >= 3 and len(words[-1]) == len(words[-2]) == 1 and _POST_WORD.search(words[-3]):
            return words[-2] + words[-1], "".join(words[:-2])
        return None
    return (words[-1], "".join(words[:-1])) if is_name(words[-1]) else None


def _shared_posts(names: list[str]) -> list[str]:
    """Give the post that closes a list of units to each of them (甲局、乙局主要负责同志)."""
    posts: list[str] = []
    shared = ""
    for name in reversed([name for name in names if name]):
        match = re.search(r"(?:主要|分管|有关|相关)?(?:负责同志|负责人|领导)$", name)
        if match and match.start() >= 2:
            shared = match.group()
        posts.append(name + shared if not _POST_WORD.search(name) and looks_like_unit(name) else name)
    return posts[::-1]


class _Reader:
    """Walks the lines of a document and collects rosters."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.out = Roster()
        self.role = ""
        self.body = ""
        self.entry: _Entry | None = None
        self.misses = 0

    def line(self, line: Line) -> None:
        """Take one line if it belongs to a roster; otherwise end the roster."""
        label = _label(line)
        if label:
            if not self.role:
                self.misses = 0
            if not self._words(line, label[1], label[0]):
                self._close()
                self.role = ""
                return
            self.role = label[0]
            self.out.taken.add(line.number)
            return
        if not self.role:
            if _TITLE.search(line.text) and len(line.text) <= 50:
                self.body = re.sub(
                    r"^(?:附件\d*[:：]?|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)])",
                    "",
                    line.passage.printed(),
                )
            return
        if not self._continues(line):
            self._close()
            self.role = ""

    def _words(self, line: Line, words: list[str], role: str) -> bool:
        if not words:
            self._close()
            return True
        taken = self._person(line, words, role)
        if taken:
            return True
        text = "".join(words)
        inline = _people_inline(words, role)
        if inline:
            self._close()
            for name, post in inline:
                self._open(line, name, role, post)
            return True
        if (
            len(text) <= 400
            and not re.search(r"[。!?]", text[:-1])
            and re.search(r"长|负责|领导|同志|主任|书记|人员", text)
        ):
            self._close()
            place = line.passage.place()
            for post in _shared_posts(split_outside(text.rstrip("。;"), "、,;")):
                self.out.posts.append(Post(role, line.passage.as_printed(post), place, self.body))
            return True
        return False

    def _person(self, line: Line, words: list[str], role: str) -> bool:
        split = split_name(words)
        if split and split[1]:
            post = "".join(split[1])
            if _POST_WORD.search(post) or len(post) >= 4:
                self._open(line, split[0], role, post)
                return True
        backwards = _reversed(words)
        if backwards:
            self._open(line, backwards[0], role, backwards[1])
            return True
        if split and not split[1] and len(split[0]) <= 3 and len(words) <= 2:
            self._open(line, split[0], role, "")
            return True
        return False

    def _open(self, line: Line, name: str, role: str, post: str) -> None:
        self._close()
        self.entry = _Entry(
            name,
            role,
            line.passage.as_printed(post) if post else "",
            line.passage.at[0],
            line.end,
            line.number,
        )

    def _close(self) -> None:
        if self.entry is None:
            return
        e, self.entry = self.entry, None
        post = e.post.rstrip("；;。，,")
        place = Place(e.line, e.start, e.end)
        self.out.members.append(Member(e.name, e.role, post, unit_of(post), place, self.body))

    def _continues(self, line: Line) -> bool:
        text = line.text
        if numbered(text) or len(text) > 70 or re.search(r"[。:!?]", text[:-1]) or text.endswith("。"):
            return False
        complete = self.entry is None or not self.entry.post or bool(_POST_WORD.search(fold(self.entry.post)))
        if complete and self._person(line, line.words, self.role):
            self.out.taken.add(line.number)
            return True
        if self.entry is not None and not complete and len(text) <= 40:
            self.entry.post += line.passage.printed()
            self.entry.end = line.end
            self.out.taken.add(line.number)
            return True
        inline = _people_inline(line.words, self.role) if complete else None
        if inline:
            for name, post in inline:
                self._open(line, name, self.role, post)
            self.out.taken.add(line.number)
            return True
        if (
            re.search(r"(?:负责同志|负责人|分管领导|主要领导|分管负责同志|局长|主任|区长|县长)$", text)
            and len(text) <= 40
        ):
            self._close()
            place = line.passage.place()
            for post in _shared_posts(split_outside(text.rstrip("。;"), "、,;")):
                self.out.posts.append(Post(self.role, line.passage.as_printed(post), place, self.body))
            self.out.taken.add(line.number)
            return True
        if self.entry is not None and (_POST_WORD.search(text) or text[0] == "(") and len(text) <= 24:
            self.entry.post += line.passage.printed()
            self.entry.end = line.end
            self.out.taken.add(line.number)
            return True
        return False


def read_rosters(source: Source, lines: list[Line]) -> Roster:
    """Return members, posts without names and the lines that hold them, in the document's order (E-99)."""
    reader = _Reader(source)
    for line in lines:
        reader.line(line)
    reader._close()  # noqa: SLF001 - the last entry is still open
    out = reader.out
    if len(out.members) + len(out.posts) < 2:
        return Roster()
    return out


_HOST = re.compile(
    r"(?P<office>[^,。;:]{0,24}?办公室)(?:,办公室)?(?:设在|设于|设立在)(?P<unit>[^,。;:]{2,30}?)(?:[,。;]|$)|"
    r"(?P<under>[^,。;:]{0,24}?(?:下设|设立?)办公室)(?:,办公室)?(?:设)?在(?P<unit2>[^,。;:]{2,30}?)(?:办公|[,。;]|$)|"
    r"(?P<office3>[^,。;:]{0,24}?办公室)在(?P<unit3>[^,。;:]{2,30}?)办公"
)
_DIRECTOR = re.compile(
    r"(?:由)?(?P<name>[一-龥·]{2,12}?)(?:同志)?(?:\((?P<post>[^()]{2,30})\))?(?:兼任|兼|担任|任)(?:领导小组|联席会议|工作组|指挥部)?(?P<role>(?:办公室)?(?:常务)?副?主任)"
)
_DIRECTOR_BEFORE = re.compile(
    r"(?P<role>办公室(?:常务)?副?主任)(?:由|为|:)(?P<names>[^。;]{2,160}?)(?:同志)?(?:兼任|担任|(?<!主)任|兼(?!职))"
)
_NAMED = re.compile(r"(?P<name>[一-龥·]{2,12}?)(?:同志)?(?:\([^()]*\))?(?:、|,|$)")


def _director(passage: Passage, role: str, name: str, start: int, end: int) -> Office | None:
    if not is_name(name) or (len(name) > 3 and "·" not in name):
        return None
    role = role if role.startswith("办公室") else "办公室" + role
    return Office(role, name, None, passage.printed(start, end), passage.place(start, end))


def offices_in(passages: list[Passage]) -> list[Office]:
    """Return where bodies have their office and who directs it (由某同志兼任, E-06, E-08)."""
    found: list[Office] = []
    for passage in passages:
        text = passage.text
        if "办公室" not in text:
            continue
        for match in _HOST.finditer(text):
            unit = match["unit"] or match["unit2"] or match["unit3"]
            span = match.span()
            found.append(Office("办公室", None, unit, passage.printed(*span), passage.place(*span)))
        for match in _DIRECTOR_BEFORE.finditer(text):
            for one in _NAMED.finditer(match["names"]):
                office = _director(passage, match["role"], one["name"], match.start(), match.end())
                found += [office] if office else []
        for match in _DIRECTOR.finditer(text):
            office = _director(passage, match["role"], match["name"], match.start(), match.end())
            if office and not any(o.name == office.name and o.role == office.role for o in found):
                found.append(office)
    return found
