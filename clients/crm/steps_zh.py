"""How Chinese says what the service says in English of the steps of a derivation. Names of a policy stay as they are."""

import re

STEP_UNITS_ZH = {"outages": "次中断", "units": "个单位", "s": "秒", "days": "天", "basis points": "个基点"}

_EXACT = {
    # notes
    "no claim was made": "客户未提出申请",
    "nothing is owed of this time": "这段时间没有应补偿的内容",
    "a quote: nothing can be booked on it": "仅供报价，不可入账",
    "owed on a claim only": "须客户申请才补偿",
    "not decided: a fact is missing": "缺少信息，未判定",
    "not needed: no benefit that was reached counts by it": "无需计算：没有补偿按它计算",
    "not read: nothing that was reached depends on it": "未读取：没有步骤用到它",
    "not reached": "未达到",
    "nothing is left": "没有剩余",
    "nothing": "无",
    "needed and not given": "需要而未提供",
    "nothing is booked that could be recovered": "没有可追偿的入账",
    "no third party answers for any of the time": "没有第三方对中断时间负责",
    "once": "计一次",
    "up": "向上取整",
    "down": "向下取整",
    "half up": "四舍五入",
    "interruption": "一次中断",
    "month": "一个月",
    "billing cycle": "一个计费周期",
    "all together": "合并计算",
    # inputs
    "from": "起",
    "until": "止",
    "outage": "中断",
    "liable": "责任系数",
    "merged": "合并后",
    "services": "业务",
    "part from": "起算时间",
    "units": "单位数",
    "rate": "单价",
    "amount": "数量",
    "set off": "抵扣",
    "to": "取整到",
    "before": "之前",
    "already granted": "已补偿",
    "left in this cycle": "本周期余额",
    "left in this month": "本月余额",
    "value of the grants": "补偿成本",
    "share of the time": "时间占比",
    "on record": "有记录的时间",
    "claimed": "客户所述的时间",
}
_PATTERNS = {
    r"in force from (\S+) until (\S+)": r"自 \1 起至 \2 前有效",
    r"in force from (\S+)": r"自 \1 起有效",
    r"outage (\S+)": r"中断 \1",
    r"left out: (.+)": r"未计入：\1",
    r"not decided: (.+) not given": r"未判定：缺少 \1",
    r"as many as (\S+) says": r"按 \1 的数目",
    r"time at (\S+)": r"权重 \1 的时间",
    r"rate of (\S+) of them": r"其中 \1 个的单价",
    r"exact ([0-9]+) s of (\S+) time": r"按 \2 时间精确计，每 \1 秒一个单位",
    r"started ([0-9]+) s of (\S+) time": r"按 \2 时间，每开始 \1 秒计一个单位",
    r"full ([0-9]+) s of (\S+) time": r"按 \2 时间，每满 \1 秒计一个单位",
    r"exact ([0-9]+) s": r"精确计，每 \1 秒一个单位",
    r"started ([0-9]+) s": r"每开始 \1 秒计一个单位",
    r"full ([0-9]+) s": r"每满 \1 秒计一个单位",
}
STEP_PHRASES_ZH = tuple(
    (re.compile(pattern), text) for pattern, text in ({re.escape(text): zh for text, zh in _EXACT.items()} | _PATTERNS).items()
)
