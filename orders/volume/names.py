"""Invented names that sound like cars: brands, model lines and dealerships, Latin and Chinese."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from random import Random
from typing import NamedTuple

BRANDS = 220

# Syllables that give Chinese makes: Yun + chi, 云驰.
_FIRST = (
    ("Yun", "云"), ("Hai", "海"), ("Tian", "天"), ("Chen", "晨"), ("Rui", "瑞"), ("Jin", "锦"), ("Ling", "凌"),
    ("Bo", "博"), ("Feng", "风"), ("Ming", "明"), ("Yuan", "远"), ("Qing", "清"), ("Lan", "岚"), ("Shan", "山"),
    ("Jing", "景"), ("Hong", "鸿"), ("Yao", "曜"), ("Mu", "沐"), ("He", "禾"), ("Sheng", "晟"), ("Zhi", "致"),
)  # fmt: skip
_SECOND = (
    ("chi", "驰"), ("yue", "越"), ("hang", "航"), ("tu", "途"), ("yi", "翼"), ("guang", "光"), ("he", "禾"),
    ("ran", "然"), ("zhou", "舟"), ("ling", "岭"), ("xuan", "轩"), ("dong", "动"),
)  # fmt: skip
# And those that give makes written in Chinese by their sound: Cor + vana, 科瓦纳.
_OPENING = (
    ("Val", "瓦"), ("Mar", "马"), ("Cor", "科"), ("Ser", "赛"), ("Tor", "托"), ("Bel", "贝"), ("Nor", "诺"),
    ("Lor", "洛"), ("Del", "德"), ("Ren", "伦"), ("Fal", "法"), ("Kel", "凯"), ("Mon", "蒙"), ("Ver", "维"),
    ("Sol", "索"), ("Ar", "雅"), ("El", "艾"), ("Or", "欧"), ("Hal", "哈"), ("Bran", "布兰"),
)  # fmt: skip
_CLOSING = (
    ("vana", "瓦纳"), ("dera", "德拉"), ("tino", "蒂诺"), ("mont", "蒙特"), ("wick", "威克"), ("stad", "斯塔德"),
    ("ique", "伊克"), ("enza", "恩扎"), ("borg", "伯格"), ("lin", "林"), ("aris", "阿里斯"), ("oda", "欧达"),
)  # fmt: skip
_TAKEN = frozenset(
    {"yunhang", "fengguang", "haihang", "arenza", "mingyue", "soltino", "elaris", "lanzhou", "jinzhou", "lingling"}
)

_WORDS = (
    ("Aurora", "极光"), ("Nimbus", "云际"), ("Meridian", "子午"), ("Harbour", "港湾"), ("Summit", "巅峰"),
    ("Lark", "云雀"), ("Heron", "苍鹭"), ("Falcon", "游隼"), ("Swift Fox", "灵狐"), ("Otter", "水獭"),
    ("Comet", "彗星"), ("Orbit", "轨迹"), ("Nova", "新星"), ("Vega", "织女"), ("Altair", "牵牛"),
    ("Zephyr", "和风"), ("Monsoon", "季风"), ("Mistral", "北风"), ("Sirocco Bay", "暖湾"), ("Tempest", "疾风"),
    ("Cascade", "飞瀑"), ("Delta", "三江"), ("Fjord", "峡湾"), ("Lagoon", "碧湖"), ("Tide", "潮汐"),
    ("Ridge", "山脊"), ("Canyon", "峡谷"), ("Prairie", "原野"), ("Savanna", "草原"), ("Tundra Pass", "雪原"),
    ("Willow", "垂柳"), ("Cedar", "雪松"), ("Maple", "枫叶"), ("Bamboo", "青竹"), ("Lotus Pond", "荷塘"),
    ("Magnolia", "玉兰"), ("Jasmine", "茉莉"), ("Peony", "牡丹"), ("Osmanthus", "桂花"), ("Plum", "红梅"),
    ("Pioneer", "先锋"), ("Voyager", "旅者"), ("Nomad", "游牧"), ("Ranger Hill", "丘陵"), ("Wayfarer", "行者"),
    ("Sonata", "奏鸣"), ("Cadence", "律动"), ("Prelude", "序曲"), ("Ballad", "叙事"), ("Nocturne", "夜曲"),
    ("Amber", "琥珀"), ("Jade", "碧玉"), ("Onyx", "玄玉"), ("Coral", "珊瑚"), ("Pearl Coast", "珠海岸"),
    ("Lantern", "灯火"), ("Beacon", "灯塔"), ("Compass", "罗盘"), ("Anchor", "锚点"), ("Sail", "风帆"),
    ("Panda Trail", "竹径"), ("Crane", "白鹤"), ("Kestrel", "红隼"), ("Ibex", "岩羊"), ("Lynx", "山猫"),
    ("Dolphin Bay", "豚湾"), ("Marlin", "旗鱼"), ("Manta", "蝠鲼"), ("Koi", "锦鲤"), ("Swallow", "飞燕"),
    ("Solstice", "夏至"), ("Equinox Dawn", "春分"), ("Frost", "霜降"), ("Dew", "白露"), ("Harvest", "秋分"),
    ("Axis", "中轴"), ("Vector", "向量"), ("Photon", "光子"), ("Quark", "夸克"), ("Helix", "螺旋"),
    ("Arrow", "飞矢"), ("Lancer Gate", "辕门"), ("Bastion", "堡垒"), ("Citadel", "城垣"), ("Rampart", "壁垒"),
    ("Mosaic", "锦绣"), ("Silk", "丝路"), ("Indigo", "靛蓝"), ("Vermilion", "朱砂"), ("Celadon", "青瓷"),
)  # fmt: skip
_ENDINGS = ("", "L", "Plus", "Pro", "GT", "Cross", "Max", "S", "Sport", "X", "Coupe", "DM", "EV", "Air", "RS")
_NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 50, 60, 70, 80, 90)
_LETTERS = "ABCEGHKLMQRSTVX"

HOUSES = (
    ("Hengtong", "恒通"), ("Jinqiao", "锦桥"), ("Dachang", "达昌"), ("Yongda Road", "永达路"), ("Xinhua", "新桦"),
    ("Lianhe", "联合"), ("Ruifeng", "瑞丰"), ("Shengshi", "盛世"), ("Tonghui", "通汇"), ("Wantong", "万通"),
    ("Hongyun", "鸿运"), ("Baichuan", "百川"), ("Zhongjing", "中景"), ("Lushan", "麓山"), ("Binhai", "滨海"),
    ("Chengxin", "诚信"), ("Yuanjian", "远见"), ("Jiahe", "嘉禾"), ("Qihang", "启航"), ("Fangzhou", "方舟"),
    ("Minghui", "明辉"), ("Huarui", "桦瑞"), ("Deshun", "德顺"), ("Kaiyuan", "开源"),
)  # fmt: skip
HALLS = (("Auto Centre", "汽车中心"), ("Car Gallery", "汽车馆"), ("Motor House", "名车行"), ("Auto Plaza", "汽车广场"))


class Name(NamedTuple):
    latin: str
    chinese: str


@lru_cache(maxsize=1)
def brand_names() -> tuple[Name, ...]:
    """Every invented make, in a fixed order in which both manners of naming mix."""
    pick = Random("makes")
    chinese = [Name(a + b, x + y) for (a, x), (b, y) in product(_FIRST, _SECOND) if x != y]
    by_sound = [Name(a + b, x + y) for (a, x), (b, y) in product(_OPENING, _CLOSING)]
    chosen = pick.sample(chinese, BRANDS * 6 // 10 + 10) + pick.sample(by_sound, BRANDS * 4 // 10 + 10)
    pick.shuffle(chosen)
    return tuple(name for name in chosen if name.latin.lower() not in _TAKEN)[:BRANDS]


def model_names(brand: str) -> list[Name]:
    """The names a make gives its lines, plain ones first: `Heron`, `K5`, later `Heron Plus`; 1,755 of them."""
    pick = Random(f"lines of {brand}")
    words = pick.sample(_WORDS, len(_WORDS))
    series = pick.sample(_LETTERS, 3)
    codes = [f"{letter}{number}" for letter in series for number in pick.sample(_NUMBERS, 9)]
    is_coded = pick.random() < 0.5
    plain = [Name(code, code) for code in codes], [Name(*word) for word in words]
    heads = [*plain[0][:9], *plain[1], *plain[0][9:]] if is_coded else [*plain[1][:25], *plain[0], *plain[1][25:]]
    endings = ("", *pick.sample(_ENDINGS[1:], len(_ENDINGS) - 1))
    first, rest = heads[:14], heads[14:]
    early = [_extend(head, ending) for ending in endings[:4] for head in first]
    late = [_extend(head, ending) for ending in endings for head in rest]
    return early + late + [_extend(head, ending) for ending in endings[4:] for head in first]


def _extend(head: Name, ending: str) -> Name:
    """`H2`, `L` → `H2 L`; Chinese names take the ending without a space."""
    if not ending:
        return head
    joint = " " if head.chinese.isascii() else ""
    return Name(f"{head.latin} {ending}", f"{head.chinese}{joint}{ending}")
