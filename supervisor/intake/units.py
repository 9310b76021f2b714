"""Names of units: how a printed list splits, and what looks like a unit at all."""

import re
from functools import lru_cache
from itertools import pairwise

from supervisor.intake.passages import split_outside

_ENDS = (
    "局|委|办|厅|部|室|院|署|会|处|所|站|队|团|行|社|司|企业|公司|集团|中心|政府|街道|镇|乡|区|县|市|州|盟|旗|单位|部门|机构|学校|大学|"
    "学院|园|馆|台|网|工委|党组|组|专班|指挥部|平台|妇联|残联|工商联|文联|侨联|科协|总社|海关|公积金|供电|供水|燃气|铁塔|移动|"
    "联通|电信|电力|农场|林场|社区|村|党委|政协|人大|法院|检察院|分部|支部|联盟|港|矿|校|库|驿站|街镇|地区|各地|地方|省|市直|"
    "兵团|师|科|股|运营商|银行|国网|邮政|气象|烟草|方面|群团|主体|机关|乡镇|镇街|县区|区县|县市|市县|市区|市州|州市|盟市|旗县|街乡|"
    "街办|基地|联社|商会|示范区|新区|高新区|经开区|开发区|自治区|消防|交警|税务|人行|厂|分厂|段|苑|党校|社联|中学|小学|"
    "幼儿园|高校|院所|协会|学会|促进会|联合会|办公厅|海事|民航|铁路|文明委|专委会|县市区|市县区|区市县|镇村|镇乡|乡街|园办"
)
UNIT_END = re.compile(rf"(?:{_ENDS})$")
_COLLECTIVE = re.compile(
    r"^(?:各|有关|相关|其他|其它|国务院(?:有关|相关|各)|全(?:市|区|县|省)各|(?:市|区|县|省|州)(?:直|级|属|有关|相关))"
)
_LABEL_WORD = re.compile(
    r"^(?:牵头|责任|配合|协办|主办|承办|负责|参与|参加|成员|落实|实施|协同|建设|施工|设计|监理|产权|项目|用人|用工|"
    r"所在|原|本|该|我|你|接收|使用|管理|主管|行业主管|业主|两|这些|上述|以上|以下|业主委员会|物业|第三方|申请|申报)*"
    r"(?:单位|部门|机构|企业|公司|主体)$"
)
_QUALIFIER = re.compile(
    r"^(?:含|原|包括|包含|不含|不包括|以下|下同|除|简称|统称|按|排名|排序|列|牵头|配合|主办|协办|主责)"
)
_GENERIC = (
    r"(?:各|有关|相关|责任|成员|职能|主管|市直|区直|县直|省直|州直|市级|区级|县级|省级|中省直|直属|涉及|配合|"
    r"其他|行业|所有|国务院|中央)"
)
_TAIL = re.compile(
    rf"等(?:\d+|[一二三四五六七八九十]+)?(?:个|家)?{_GENERIC}*"
    rf"(?:(?:部门|单位|地区|企业|地方|方面|机构|责任主体|成员|人员)(?:和|及|与|、)?)*$"
)
_GENERIC_ONLY = re.compile(rf"^{_GENERIC}*(?:部门|单位|地区|企业|地方|方面|机构)(?:和单位|和部门)?$")
_LEADING = re.compile(r"^(?:由|并由|及|以及|和|与|或|并|其中|涉及|请|会同|联合|会商|协同|以下简称)(?=.{2})")
_NUMBERED = re.compile(r"^\d{1,2}[.)](?=\D)")
_JOINT = re.compile(
    r"以及|会同|联合(?!会|社|国|体|办|工|执法|大学|学院|党|重组|指挥|督|征|检|惩|调)|和|及|与|或|/|\\|·|\.|\x1f"
)
_RIGHT_OF_AND = re.compile(
    r"^(?:单位|部门|政府|人民政府|管委会|管理委员会|企业|机构|直属单位|直属机构|人民团体|事业单位|企事业单位|社会组织|社会团体|个人|街道|社区|乡镇|镇|"
    r"信息化|改革委?|社会保障|城乡建设|规划|旅游|林业|大数据|物资储备|监察|卫生|生态|服务|管理|指挥|园林)"
)


_PROSE_MARK = re.compile(r"[。;:!?《》]|\d{4}年|[^自]由")
_LONGEST = 200  # characters of a name with all its brackets


def looks_like_unit(name: str) -> bool:
    """Tell whether a name ends like a unit or is a collective (各…, 有关…), and is no mere role word."""
    return len(name) <= _LONGEST and _looks_like_unit(name)


@lru_cache(maxsize=4096)  # a notice names the same units again and again
def _looks_like_unit(name: str) -> bool:
    bare = strip_brackets(name)
    if not 2 <= len(bare) <= 40 or _LABEL_WORD.match(bare) or _PROSE_MARK.search(bare):
        return False
    if len(bare) == 2 and not UNIT_END.search(bare):
        return False
    return bool(UNIT_END.search(bare) or (_COLLECTIVE.match(bare) and len(bare) <= 20))


_OFFICE_END = re.compile(
    r"(?:局|委|办|厅|部|署|总社|政府|管委会|委员会|办公室|办公厅|中心|公司|集团|办事处|法院|检察院|支队|大队|总队|联社|总工会|妇联|残联|"
    r"工商联|文联|侨联|科协|红十字会|团[市县区省州]委|银行|分行|支行|党委|党组|党工委|海关|研究院|供销社|消防|供电|[镇乡])$"
)
_LEVEL = re.compile(r"^(?:各|全|国务院|国家|中央|省|市|县|区|州|盟|旗|镇|乡|自治)")


def is_office(name: str) -> bool:
    """Tell whether a name is that of an office or area, not a kind of place or people (学校, 企业, 社区)."""
    bare = strip_brackets(name)
    if not looks_like_unit(name) or len(bare) < 3:
        return False
    return bool(_LEVEL.match(bare) or _OFFICE_END.search(bare))


_BRACKET = re.compile("[()〔〕〈〉]")


def strip_brackets(name: str) -> str:
    """Return the name without anything in brackets."""
    if not _BRACKET.search(name):
        return name
    out, depth = [], 0
    for char in name:
        if char in "(〔〈":
            depth += 1
        elif char in ")〕〉":
            depth = max(0, depth - 1)
        elif depth == 0:
            out.append(char)
    return "".join(out)


def qualifiers(name: str) -> list[tuple[int, int]]:
    """Return the spans of brackets that define or remark (含…, 下同, 牵头) and are no part of the name (E-28)."""
    spans: list[tuple[int, int]] = []
    if not _BRACKET.search(name):
        return spans
    stack = []
    for i, char in enumerate(name):
        if char in "(〔〈":
            stack.append(i)
        elif char in ")〕〉" and stack:
            start = stack.pop()
            if not stack and _QUALIFIER.match(name[start + 1 : i]):
                spans.append((start, i + 1))
    return spans


def clean(name: str) -> str:
    """Return one printed name without qualifiers, leading link words and generic tails (等部门)."""
    return _clean(name) if len(name) <= _LONGEST else _clean.__wrapped__(name)


@lru_cache(maxsize=4096)
def _clean(name: str) -> str:
    for start, end in reversed(qualifiers(name)):
        name = name[:start] + name[end:]
    name = _unquoted(name.strip(",;、。.: *·-\\"))
    while name[-1:] in {")", "〕"} and name.count(name[-1]) > name.count({")": "(", "〕": "〔"}[name[-1]]):
        name = name[:-1]
    while match := _LEADING.match(name):
        name = name[match.end() :]
    name = _NUMBERED.sub("", name)
    tail = _TAIL.search(name)
    if tail and tail.start() >= 2:
        name = name[: tail.start()]
    elif name in {"等", "等等"}:
        return ""
    return _unquoted(name.strip(",;、。.:"))


def _unquoted(name: str) -> str:
    """Return a name without quotation marks that stand around it or have no partner (区“两旧”专班 keeps its own)."""
    whole = name[:1] == "“" and name.find("”") == len(name) - 1
    return name.strip("“”") if whole or name.count("“") != name.count("”") else name


_PROSE = 300  # characters of a list without a separator; longer is prose


_TWO_NAMES = 7  # characters of two names that lost the mark between them
_SEAM = re.compile(
    r"(?:局|厅|办|政府|委员会|管委会|公司|[察法]院|办公室|总工会|残联|妇联|中心)"
    r"(?=各[市县区州镇乡街]|[省市县区州](?![区县城场域直级长辖内属郊镇])[一-龥]{2})"
)


def _run_together(token: str) -> list[str]:
    """Part names that lost the mark between them (市公安局市司法局), where every piece is an office; else nothing."""
    cuts = [0, *(match.end() for match in _SEAM.finditer(token)), len(token)]
    pieces = [token[start:end] for start, end in pairwise(cuts)]
    return pieces if len(pieces) > 1 and all(map(is_office, pieces)) else []


def _cut_joint(token: str) -> list[str]:
    """Split A和B, A会同B where the left side is a whole unit name (发展和改革委 stays whole)."""
    if len(token) > _PROSE:
        return [token]
    if len(token) >= _TWO_NAMES and (pieces := _run_together(token)):
        return [part for piece in pieces for part in _cut_joint(piece)]
    parts, start, depth = [], 0, 0
    i = 0
    if not _JOINT.search(token):
        return [token]
    while i < len(token):
        char = token[i]
        depth += (char in "(〔〈《") - (char in ")〕〉》")
        match = _JOINT.match(token, i) if depth <= 0 else None
        if match and i - start >= 2:
            left, right = token[start:i], token[match.end() :]
            strong = match.group() in {"会同", "联合", "以及"}
            if (
                looks_like_unit(left)
                and len(right) >= 2
                and (strong or (UNIT_END.search(strip_brackets(left)) and not _RIGHT_OF_AND.match(right)))
            ):
                parts.append(left)
                if strong and _GENERIC_ONLY.match(clean(right)):
                    return parts
                start = i = match.end()
                continue
        i += 1
    parts.append(token[start:])
    return parts


_SHARED_START = re.compile(r"各(?:特区|[市县区州盟旗镇乡]{1,2})(?:[(〔][^()〔〕]{1,12}[)〕])?")
_SHARED_MIDDLE = re.compile(r"(?:特区|[市县区州盟旗镇乡]{1,2})(?:[(〔][^()〔〕]{1,12}[)〕])?")
_SHARED_END = re.compile(r"(?:特区|[市县区州盟旗镇乡]{1,2})(?:[(〔][^()〔〕]{1,12}[)〕])?(?:人民政府|政府)")


def whole_collectives(tokens: list[str]) -> list[str]:
    """Join 各县、区人民政府, whose last word holds for every part, to one name again."""
    if not any(token.strip("\x1e\x1f")[:1] == "各" for token in tokens):
        return tokens
    joined: list[str] = []
    i = 0
    while i < len(tokens):
        end = i + 1
        if _SHARED_START.fullmatch(tokens[i].strip("\x1e\x1f")):
            while end < len(tokens) and _SHARED_MIDDLE.fullmatch(tokens[end]):
                end += 1
            if end == len(tokens) or not _SHARED_END.match(tokens[end]):
                end = i
            end += 1
        joined.append("、".join(tokens[i:end]))
        i = end
    return joined


def split_units(text: str, separators: str = "、,;") -> list[str]:
    """Return the unit names of a printed list, in order, each once."""
    return list(_split(text, separators) if len(text) <= _LONGEST else _split.__wrapped__(text, separators))


@lru_cache(maxsize=4096)
def _split(text: str, separators: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for token in whole_collectives(split_outside(text, separators)):
        for part in _cut_joint(token.translate(_GAPS)):
            name = clean(part)
            if len(name) >= 2:
                names[name] = None
    return tuple(names)


_GAPS = {0x1E: None, 0x1F: None}


_POSTS = re.compile(r"[一-龥]{2,7}(?:站|所|院|中队|大队|办)")  # offices of a township, short as they are
_HALF_WAY = tuple("社会行团台网组科段师市区县州部室")  # a name may go on behind them (人力资源和社 会保障局)
_PARENT = re.compile(r"(?:[市县区省州旗镇乡]委|党委|政府|党组|管委会)$")
_CHILD = re.compile(
    r"办公|宣传部|组织部|统战部|政法委|编办|网信办|督查|研究室|党校|信访|农工|农办|改革办|国安办|老干|直属|机关|新闻办|外事|法制|政研|文明办"
)
_PERSON = re.compile(r"[一-龥]{2,4}")


def _parted(left: str, right: str, gap: str) -> bool:
    """Tell whether white space between two names that could be one parts them."""
    if gap not in {"\x1f", "\x1f\x1f"} or not looks_like_unit(clean(right)):
        return False
    if (_PARENT.search(left) and _CHILD.match(right)) or (left.endswith("会") and right.startswith("同")):
        return False  # 会同 broken by a stray space is not 会
    if gap == "\x1f":
        posts = bool(_POSTS.fullmatch(strip_brackets(left)) and _POSTS.fullmatch(strip_brackets(right)))
        return posts or (len(right) >= 4 and bool(_OFFICE_END.search(strip_brackets(left))))
    return len(right) >= 3 and (not strip_brackets(left).endswith(_HALF_WAY) or bool(_LEVEL.match(right)))


def spaced_units(text: str, *, people: bool = False) -> str:
    r"""Return the list with 、 for white space that stands between whole unit names, and without the rest.

    White space comes as \x1f (a space; twice for a wide one) and \x1e (line ends), see `Passage.gapped`. With
    `people`, names of persons set off by white space behind a unit are dropped.
    """
    if "\x1f" not in text and "\x1e" not in text:
        return text
    alone = len(split_outside(text, "、,;")) == 1
    out: list[str] = []
    last = gap = ""
    for piece in re.split("([\x1e\x1f]+)", text):
        if not piece or piece[0] in "\x1e\x1f":
            gap = piece
            continue
        left = last
        right, *more = re.split(r"[、,;:]", piece)
        ended = 3 <= len(left) <= 120 and looks_like_unit(clean(left))
        if people and ended and _PERSON.fullmatch(right) and not looks_like_unit(right):
            out.append(piece[len(right) :])
            last = more[-1] if more else left
            continue
        same_level = ended and (right[:1] == "各" or (left[0] in "市县区省州" and right[:1] == left[0]))
        if same_level or (ended and alone and _parted(left, right, gap)):
            out.append("、")
            left = ""
        out.append(piece)
        last = more[-1] if more else (left + right)[-130:]
    return "".join(out)
