"""What the account says to a person, in English and in Chinese: each sentence stands here once, in both.

Codes, names, ids and reasons that somebody gave stay as they are. Errors of a command are in English, as those of all commands.
"""

from typing import Any, Final

from clients import units

ENGLISH: Final = "en"
CHINESE: Final = "zh-CN"
LANGUAGES: Final = (ENGLISH, CHINESE)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # the register
    "added": ("{outage}: {what} (revision {revision})", "{outage}：{what}（第 {revision} 版）"),
    "unchanged": ("{number} as the register has it", "{number}与登记一致"),
    "withdrawn before": ("{outage} was withdrawn before", "{outage} 此前已撤销"),
    "revision": (
        "{outage} revision {revision}, {state}: {what}; {cause} from {start}, {ends} ({when} by {who}: {why})",
        "{outage} 第 {revision} 版，{state}：{what}；{cause}，自 {start}，{ends}（{when}，{who}：{why}）",
    ),
    "until": ("{area} until {end}", "{area}至 {end}"),
    "everywhere": ("everywhere", "全网"),
    "now": ("now", "现在"),
    "takes the place of": ("  takes the place of {before}", "  取代 {before}"),
    "booked for": ("  {benefit}: {quantity} are booked for {whom}", "  {benefit}：已为{whom}入账 {quantity}"),
    # the audit
    "nothing decided": ("nothing was decided for {subscriber}", "未对 {subscriber} 作过任何决定"),
    "decision": (
        "{when}  {outcome}{why} under {policy}, as of {as_of}, by {who}: {reason}",
        "{when}  {outcome}{why}，依据 {policy}，截至 {as_of}，经办 {who}：{reason}",
    ),
    "settled": ("{when}  settled by {who}: {reason}", "{when}  结算，经办 {who}：{reason}"),
    "facts gone": ("; the facts of this person were erased", "；该用户的个人事实已删除"),
    "booked": ("  booked: {benefit} {quantity} for {outage}{cycle}", "  入账：{benefit} {quantity}，中断 {outage}{cycle}"),
    "reversed": ("  reversed: {benefit} {quantity} for {outage}{cycle}", "  冲回：{benefit} {quantity}，中断 {outage}{cycle}"),
    "in cycle": (", cycle from {start}", "，账期自 {start}"),
    "claimed from": ("  claimed from {party}: {amount} for {outage}", "  向 {party} 追偿：{amount}，中断 {outage}"),
    "credited to": ("  credited to {party}: {amount} for {outage}", "  贷记 {party}：{amount}，中断 {outage}"),
    "no name": ("a party without a name", "未具名责任方"),
    "over-granted": (
        "over-granted: {benefit} {quantity} for {outage}{cycle}",
        "多发：{benefit} {quantity}，中断 {outage}{cycle}",
    ),
    "claim filed": (
        "{when}  claim {reference} by {who}{times}: {outcome}{why}: {reason}",
        "{when}  申请 {reference}，经办 {who}{times}：{outcome}{why}：{reason}",
    ),
    "claimed times": (", {start} to {end}", "，{start} 至 {end}"),
    "verdict": (
        "{when}  {who} decided {outage} (revision {revision}, {outcome}): {verdict}: {reason}",
        "{when}  {who} 决定 {outage}（第 {revision} 版，{outcome}）：{verdict}：{reason}",
    ),
    "verdict grants": ("granted {amounts}", "同意 {amounts}"),
    "verdict rejects": ("rejected", "驳回"),
    "waits": ("waits under {reference}: {outage}: {outcome}: {why}", "待处理 {reference}：{outage}：{outcome}：{why}"),
    "balance": ("{benefit}: {quantity} in all", "{benefit}：合计 {quantity}"),
    "erased": ("{when}  facts erased{what}, by {who}: {reason}", "{when}  个人事实已删除{what}，经办 {who}：{reason}"),
    "erased of": (" of {outage}", "（{outage}）"),
    # decided again
    "again": (
        "decided again: {outcome} of revision {revision}, number {number}: {what}",
        "重新决定：第 {revision} 版第 {number} 项 {outcome}：{what}",
    ),
    "again the same bytes": ("the same to the byte", "逐字节一致"),
    "again the same fields": (
        "the same in every field, by engine {now} (then {engine})",
        "各字段一致，引擎 {now}（当时 {engine}）",
    ),
    "again otherwise": ("otherwise, by engine {now} (then {engine}):", "结果不同，引擎 {now}（当时 {engine}）："),
    "again refused": ("refused: {why}", "被拒绝：{why}"),
    "again erased": ("its question was erased with the facts of this person", "其问题已随个人事实删除"),
    "text is gone": (
        "  the server has the text of {policy} no more, sha256 {sha256}; it is kept here, and what decides now is another",
        "  服务器已无 {policy} 的文本，sha256 {sha256}；本账目存有该文本，现由其他文本决定",
    ),
    "differs": ("  {path}: {before} then, {after} now", "  {path}：当时 {before}，现在 {after}"),
    # a ledger of before
    "taken over": (
        "{when}  taken over from {ledger} by {who}: {reason}; booked there for {outages}{why}",
        "{when}  自 {ledger} 转入，经办 {who}：{reason}；原为 {outages} 入账{why}",
    ),
    "facts unknown": (", on facts that are not known", "，所依据的事实不详"),
    "key does not follow": (", under a key that does not follow from it", "，其键值与内容不符"),
    "in no known cycle": (", of no known cycle", "，账期不详"),
    "no outage": ("several outages together", "多起中断合计"),
    "migrated": (
        "{ledger}: {number} taken over, {before} there before",
        "{ledger}：转入 {number}，此前已有 {before}",
    ),
    "migrated quantity": ("taken over {name}: {quantity}", "转入 {name}：{quantity}"),
    "migrated unregistered": (
        "  {number} for outages that are not in the register; outages import brings them in",
        "  其中 {number}的中断未登记；可用 outages import 登记",
    ),
    "migrated together": (
        "  {number} for several outages together; how much for which is not known",
        "  其中 {number}为多起中断合计，各自数额不详",
    ),
    "migrated unchecked": ("  {number} with a key that does not follow", "  其中 {number}的键值与内容不符"),
    "not attached": (
        "of an unknown outage: {benefit} {quantity} of {whom}, taken over from a ledger; {why}",
        "所属中断不详：{benefit} {quantity}，{whom}，自旧账转入；{why}",
    ),
    "why together": (
        "it was booked for several outages together, and counts as one sum in its cycle",
        "原为多起中断合计入账，在其账期内合并计算",
    ),
    "why unregistered": (
        "{outage} is not in the register; it stands as it is, and counts in its cycle",
        "{outage} 未登记；维持原状，并计入其账期",
    ),
    # what others granted
    "elsewhere entered": ("{file}: {number} entered, {same} as before", "{file}：登记 {number}，与此前一致 {same}"),
    "elsewhere": (
        "{when}  {who} says that {benefit} {quantity} were granted elsewhere{reference}{cycle}: {reason}",
        "{when}  {who} 登记他处已发 {benefit} {quantity}{reference}{cycle}：{reason}",
    ),
    "under reference": (" under {reference}", "（凭据 {reference}）"),
    # deliveries
    "applied": ("{ledger}: {delivered} delivered, {refused} refused", "{ledger}：送达 {delivered}，拒收 {refused}"),
    "delivered": ("delivered {name}: {quantity}", "送达 {name}：{quantity}"),
    "delivered back": ("delivered {name}: {quantity} taken back", "送达 {name}：冲回 {quantity}"),
    "refused": ("refused ({number}): {why}", "拒收（{number}）：{why}"),
    "run waiting": ("not delivered yet {name}: {quantity} for {whom}", "尚未送达 {name}：{quantity}，{whom}"),
    "run waiting back": (
        "not delivered yet {name}: {quantity} taken back of {whom}",
        "尚未送达 {name}：冲回 {quantity}，{whom}",
    ),
    "run refused": ("refused {name}: {quantity} for {whom}", "拒收 {name}：{quantity}，{whom}"),
    "run refused back": ("refused {name}: {quantity} taken back of {whom}", "拒收 {name}：冲回 {quantity}，{whom}"),
    "run delivered": ("delivered {name}: {quantity} for {whom}", "送达 {name}：{quantity}，{whom}"),
    "run delivered back": ("delivered {name}: {quantity} taken back of {whom}", "送达 {name}：冲回 {quantity}，{whom}"),
    "audit DELIVERED": ("  delivered {when} to {ledger} by {who}", "  已送达 {ledger}：{when}，经办 {who}"),
    "audit REFUSED": ("  refused {when} by {ledger} ({who}): {why}", "  {ledger} 拒收：{when}（{who}）：{why}"),
    "verify refused": (
        "not delivered: {number}, refused; apply --again tries them anew",
        "未送达：{number}被拒收；可用 apply --again 重试",
    ),
    # the check
    "new": (
        "new since it was decided: subscriber {subscriber}, outage {outage}, revision {revision} (decided {decided})",
        "决定之后有更新：用户 {subscriber}，中断 {outage}，第 {revision} 版（已决定的是第 {decided} 版）",
    ),
    "problem": ("problem: {problem}", "问题：{problem}"),
    "holds": ("the account holds together", "账目一致"),
    # a run
    "run": ("run {run}, {state}; as of {as_of}; by {who}: {reason}", "批次 {run}，{state}；截至 {as_of}；经办 {who}：{reason}"),
    "approved": ("  approved by {who}: {reason}", "  复核 {who}：{reason}"),
    "of rows": ("  {number:>12} {what}", "  {number:>12} {what}"),
    "rows settled": ("settled", "已结算"),
    "rows untouched": ("not concerned by any outage", "未受中断影响"),
    "rows errors": ("with an error", "有错误"),
    "rows waiting": ("settled but for what waits", "已结算，部分待处理"),
    "rows for review": ("settled but for what a person decides", "已结算，部分待人工决定"),
    "state begun": ("begun", "已开始"),
    "state waits": ("waiting for a second person", "待复核"),
    "state approved": ("approved", "已复核"),
    "state finished": ("finished", "已完成"),
    "state dropped": ("dropped", "已放弃"),
    "error": ("  error: {error}", "  错误：{error}"),
    "run booked": ("booked {name}: {quantity} for {whom}", "入账 {name}：{quantity}，{whom}"),
    "run reversed": ("reversed {name}: {quantity} of {whom}", "冲回 {name}：{quantity}，{whom}"),
    "run claimed": ("claimed from {name}: {quantity} for {whom}", "向 {name} 追偿：{quantity}，{whom}"),
    "run credited": ("credited to {name}: {quantity} for {whom}", "贷记 {name}：{quantity}，{whom}"),
    "nothing booked": ("nothing new was booked", "没有新的入账"),
    "above": (
        "{name}: {amount} is above the threshold of {most} that one person may book",
        "{name}：{amount} 超过单人可入账的限额 {most}",
    ),
    "wants approval": (
        "nothing was booked; a second person approves it: approve {run}, and then the same command again",
        "尚未入账；须由另一人复核：approve {run}，然后再次运行同一命令",
    ),
    "approved run": ("run {run} is approved; the same command as before books it", "批次 {run} 已复核；再次运行同一命令即入账"),
    "proposes": ("proposes {name}: {parts}", "拟入账 {name}：{parts}"),
    "threshold": ("{name}: {quantity} in a run wants a second person", "{name}：单批超过 {quantity} 须另一人复核"),
    "limit": (
        "{name}: a second person may decide up to {quantity} for an outage",
        "{name}：复核人对每起中断最多可决定 {quantity}",
    ),
    "no threshold": ("{name}: no threshold", "{name}：不设限额"),
    # a proposal
    "proposed": ("nothing was booked; this is what a run would book", "尚未入账；以下为一次批次将入账的内容"),
    "would add": ("would book {name}: {quantity} for {whom}", "将入账 {name}：{quantity}，{whom}"),
    "would take back": ("would reverse {name}: {quantity} of {whom}", "将冲回 {name}：{quantity}，{whom}"),
    "would be over-granted": ("over-granted {name}: {quantity} with {whom}", "多发 {name}：{quantity}，{whom}"),
    "would claim": ("would claim from {name}: {quantity} for {whom}", "将向 {name} 追偿：{quantity}，{whom}"),
    "would credit": ("would credit {name}: {quantity} for {whom}", "将贷记 {name}：{quantity}，{whom}"),
    "would do nothing": ("a run would book nothing new", "批次不会有新的入账"),
    "repeated": (
        "{number} of a subscriber who stands in the file before (lines {where}): counted each time here, and booked once",
        "{number}的用户在文件中重复出现（行 {where}）：此处重复计数，入账只有一次",
    ),
    "distribution": ("{name} by subscriber, from:", "{name} 按用户分布，起点："),
    "step": ("  {quantity:>14} {number:>10} {bar}", "  {quantity:>14} {number:>10} {bar}"),
    "largest": ("the largest of {name}:", "{name} 最大者："),
    "large": ("  {subscriber} (line {line}): {parts}", "  {subscriber}（第 {line} 行）：{parts}"),
    "plus": ("+{quantity}", "+{quantity}"),
    "minus": ("-{quantity}", "-{quantity}"),
    "over": ("over-granted {quantity}", "多发 {quantity}"),
    # the queue
    "queued for": (
        "{reference}  {outcome}: subscriber {subscriber}, outage {outage}, since {since}, by {who}{claims}: {why}",
        "{reference}  {outcome}：用户 {subscriber}，中断 {outage}，自 {since}，经办 {who}{claims}：{why}",
    ),
    "of claims": (" (claim {claims})", "（申请 {claims}）"),
    "decided granted": (
        "{reference}: granted to {subscriber} for {outage}",
        "{reference}：同意补偿 {subscriber}，中断 {outage}",
    ),
    "decided rejected": (
        "{reference}: rejected, for {subscriber} and {outage}",
        "{reference}：驳回，用户 {subscriber}，中断 {outage}",
    ),
    "decided booked": ("; booked: {booked}", "；入账：{booked}"),
    "decided nothing": ("; nothing is booked by it", "；没有入账"),
    "queue empty": ("nothing waits for a person", "没有待人工处理的事项"),
    # recourse
    "statement": ("statement of {party}, days by {zone}", "{party} 对账单，日期按 {zone}"),
    "statement line": (
        "  {day}  {outage}  {amount:>16}  {what} ({who}: {reason})",
        "  {day}  {outage}  {amount:>16}  {what}（{who}：{reason}）",
    ),
    "claim": ("claim", "追偿"),
    "credit note": ("credit note", "贷项"),
    "statement month": (
        "{month}: claimed {claimed}, credited {credited}, due {due}",
        "{month}：追偿 {claimed}，贷记 {credited}，应收 {due}",
    ),
    "statement all": ("in all: {due}", "合计：{due}"),
    "statement empty": ("nothing was claimed from {party} in that time", "该期间未向 {party} 追偿"),
    # finance
    "closed": (
        "closed until {until} ({zone}): {number}, sha256 {sha256}",
        "已关账至 {until}（{zone}）：{number}，sha256 {sha256}",
    ),
    "exported": ("{file}: {number}, {first} to {last} ({zone})", "{file}：{number}，{first} 至 {last}（{zone}）"),
    # erasing
    "erased now": (
        "the facts of {subscriber} are erased; amounts stay, and nothing is decided for that id any more",
        "{subscriber} 的个人事实已删除；金额保留，今后不再对该用户作出决定",
    ),
    "nothing to erase": ("nothing of {subscriber} is there to be erased", "没有 {subscriber} 的可删除内容"),
    "erased old": (
        "the facts of {number} that were decided before {when} are erased",
        "{when} 之前决定的{number}的个人事实已删除",
    ),
}
"""By name: in English, in Chinese."""
_NOUNS: Final = {
    "posting": "笔过账",
    "outage": "起中断",
    "subscriber": "位用户",
    "row": "行",
    "booking": "笔记账",
    "settlement": "次结算",
}
_UNITS: Final = {"min": "分钟", "day": "天", "days": "天", "h": "小时", "s": "秒"}


class Words:
    """One language."""

    def __init__(self, language: str) -> None:
        self._chinese = language == CHINESE

    def __call__(self, sentence: str, /, **values: Any) -> str:
        """A sentence with its values."""
        return TEXTS[sentence][self._chinese].format(**values)

    def several(self, number: int, noun: str) -> str:
        """A number of things."""
        return f"{number} {_NOUNS[noun]}" if self._chinese else units.several(number, noun)

    def quantity(self, kind: str, quantity: int, currency_code: str) -> str:
        """A quantity of a benefit's kind, exact."""
        text = units.plain(kind, quantity, currency_code)
        if not self._chinese:
            return text
        number, _, unit = text.partition(" ")
        return f"{number} {_UNITS.get(unit, unit)}".rstrip()

    def money(self, amount_minor: int, currency_code: str) -> str:
        """An amount with its currency, which both languages write alike."""
        return units.money(amount_minor, currency_code)
