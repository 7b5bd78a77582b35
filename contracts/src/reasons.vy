#pragma version ==0.4.3
"""
@title Why a call is refused
@notice Written by scripts/generate_reasons.py from reasons.txt: do not edit.
@dev A reason is a number. Its text stands in a contract that all share, ReasonTexts.vy, at the
    address that its bytecode gives. Callers see an ordinary Error(string).
"""

TEXTS: constant(address) = 0x15f399B5bc80541f82924630Ce208a4189bB6FD8

ARBITER_MODEL: constant(uint256) = 0  # arbiter: model
BOND_FOR_UPDATES: constant(uint256) = 1  # bond_for: updates
CHALLENGE_BOND: constant(uint256) = 2  # challenge: bond
CHALLENGE_DECIDED: constant(uint256) = 3  # challenge: decided
CHALLENGE_SAME_ROOT: constant(uint256) = 4  # challenge: same root
CHALLENGE_TOO_LATE: constant(uint256) = 5  # challenge: too late
CHALLENGE_TOO_MANY: constant(uint256) = 6  # challenge: too many
CHALLENGE_UNKNOWN_VERSION: constant(uint256) = 7  # challenge: unknown version
CREATE_BOND: constant(uint256) = 8  # create: bond
CREATE_CHALLENGE_WINDOW: constant(uint256) = 9  # create: challenge_window
CREATE_SALT: constant(uint256) = 10  # create: salt
DECIDE_NO_OPEN_GAME: constant(uint256) = 11  # decide: no open game
DECIDE_TIED: constant(uint256) = 12  # decide: tied
DECIDE_VOTES_ARE_MISSING: constant(uint256) = 13  # decide: votes are missing
DEPOSIT_AMOUNT: constant(uint256) = 14  # deposit: amount
DEPOSIT_REFUSED: constant(uint256) = 15  # deposit: refused
EXECUTE_ROLLBACK_EXECUTED: constant(uint256) = 16  # execute_rollback: executed
EXECUTE_ROLLBACK_EXPIRED: constant(uint256) = 17  # execute_rollback: expired
EXECUTE_ROLLBACK_OUTVOTED: constant(uint256) = 18  # execute_rollback: outvoted
EXECUTE_ROLLBACK_OVERRULED: constant(uint256) = 19  # execute_rollback: overruled
EXECUTE_ROLLBACK_UNKNOWN: constant(uint256) = 20  # execute_rollback: unknown
EXECUTE_ROLLBACK_WINDOW: constant(uint256) = 21  # execute_rollback: window
INFER_EXPIRED: constant(uint256) = 22  # infer: expired
INFER_MAX_PRICE: constant(uint256) = 23  # infer: max_price
INFER_SIGNATURE: constant(uint256) = 24  # infer: signature
INFER_UNITS: constant(uint256) = 25  # infer: units
OPT_IN_ALREADY: constant(uint256) = 26  # opt_in: already
OPT_IN_CREATOR: constant(uint256) = 27  # opt_in: creator
OPT_OUT_ALREADY: constant(uint256) = 28  # opt_out: already
PERMIT_EXPIRED: constant(uint256) = 29  # permit: expired
PERMIT_SIGNATURE: constant(uint256) = 30  # permit: signature
PRICE_FOR_UNITS: constant(uint256) = 31  # price_for: units
PROPOSE_ROLLBACK_NO_SEAT: constant(uint256) = 32  # propose_rollback: no seat
PROPOSE_ROLLBACK_NOT_SETTLED: constant(uint256) = 33  # propose_rollback: not settled
PROPOSE_ROLLBACK_ONE_IS_OPEN: constant(uint256) = 34  # propose_rollback: one is open
PROPOSE_ROLLBACK_UNKNOWN: constant(uint256) = 35  # propose_rollback: unknown
QUOTE_AFTER_UNKNOWN_VERSION: constant(uint256) = 36  # quote_after: unknown version
RECLAIM_NO_OPEN_GAME: constant(uint256) = 37  # reclaim: no open game
RECLAIM_UNDECIDED: constant(uint256) = 38  # reclaim: undecided
RULE_DECIDED: constant(uint256) = 39  # rule: decided
RULE_NO_OPEN_GAME: constant(uint256) = 40  # rule: no open game
RULE_NOT_THE_ARBITER: constant(uint256) = 41  # rule: not the arbiter
RULE_TOO_LATE: constant(uint256) = 42  # rule: too late
SETTLE_DECIDED: constant(uint256) = 43  # settle: decided
SETTLE_LIVE_RIVAL: constant(uint256) = 44  # settle: live rival
SETTLE_OPEN_GAME: constant(uint256) = 45  # settle: open game
SETTLE_PARENT: constant(uint256) = 46  # settle: parent
SETTLE_RIVAL_SETTLED: constant(uint256) = 47  # settle: rival settled
SETTLE_UNKNOWN_VERSION: constant(uint256) = 48  # settle: unknown version
SETTLE_WINDOW: constant(uint256) = 49  # settle: window
TOKEN_ALLOWANCE: constant(uint256) = 50  # token: allowance
TOKEN_BALANCE: constant(uint256) = 51  # token: balance
TOKEN_RECEIVER: constant(uint256) = 52  # token: receiver
TRAIN_BENEFICIARY: constant(uint256) = 53  # train: beneficiary
TRAIN_BOND: constant(uint256) = 54  # train: bond
TRAIN_DEAD_PARENT: constant(uint256) = 55  # train: dead parent
TRAIN_MIN_REWARD: constant(uint256) = 56  # train: min_reward
TRAIN_STALE_PARENT: constant(uint256) = 57  # train: stale parent
TRAIN_UNKNOWN_PARENT: constant(uint256) = 58  # train: unknown parent
TRAIN_UPDATES: constant(uint256) = 59  # train: updates
VERSION_UNKNOWN_VERSION: constant(uint256) = 60  # version: unknown version
VOID_DECIDED: constant(uint256) = 61  # void: decided
VOID_STILL_VALID: constant(uint256) = 62  # void: still valid
VOID_UNKNOWN_VERSION: constant(uint256) = 63  # void: unknown version
VOTE_ALREADY: constant(uint256) = 64  # vote: already
VOTE_NO_OPEN_GAME: constant(uint256) = 65  # vote: no open game
VOTE_PARTY: constant(uint256) = 66  # vote: party
VOTE_ROLLBACK_CLOSED: constant(uint256) = 67  # vote_rollback: closed
VOTE_ROLLBACK_UNKNOWN: constant(uint256) = 68  # vote_rollback: unknown
VOTE_ROLLBACK_VOTE: constant(uint256) = 69  # vote_rollback: vote
WITHDRAW_NOTHING: constant(uint256) = 70  # withdraw: nothing
WITHDRAW_REFUSED: constant(uint256) = 71  # withdraw: refused


@internal
@view
def _require(holds: bool, reason: uint256):
    """
    @notice Revert unless something holds.
    @param holds Whether it does
    @param reason The reason if it does not
    """
    if not holds:
        raw_call(TEXTS, abi_encode(reason), is_static_call=True)  # reverts, and this with its text
        raise  # without one, if nothing stands there
