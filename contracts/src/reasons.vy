#pragma version ==0.4.3
"""
@title Why a call is refused
@notice Written by scripts/generate_reasons.py from reasons.txt: do not edit.
@dev A reason is a number: its letters by their places in the alphabet, five bits each. So it takes
    a third of the code of a string. Callers see an ordinary Error(string).
"""

ARBITER_MODEL: constant(uint256) = 57728975756022223020  # arbiter: model
BOND_FOR_UPDATES: constant(uint256) = 3001243989342687519101107  # bond_for: updates
CHALLENGE_BOND: constant(uint256) = 3838521736761119423940  # challenge: bond
CHALLENGE_DECIDED: constant(uint256) = 125780680270188363084239012  # challenge: decided
CHALLENGE_SAME_ROOT: constant(uint256) = 128799416596672900164095655412  # challenge: same root
CHALLENGE_TOO_LATE: constant(uint256) = 4024981768646028179582355077  # challenge: too late
CHALLENGE_TOO_MANY: constant(uint256) = 4024981768646028179582387673  # challenge: too many
CHALLENGE_UNKNOWN_VERSION: constant(uint256) = 138297320506647434992400034675674424814  # challenge: unknown version
CREATE_BOND: constant(uint256) = 128530304221658564  # create: bond
CREATE_CHALLENGE_WINDOW: constant(uint256) = 148185351730839412259653389154456055  # create: challenge_window
CREATE_SALT: constant(uint256) = 128530304222201236  # create: salt
DECIDE_NO_OPEN_GAME: constant(uint256) = 164773120451346156726083880357  # decide: no open game
DECIDE_TIED: constant(uint256) = 149860280045282468  # decide: tied
DECIDE_VOTES_ARE_MISSING: constant(uint256) = 5528868465622198577045789012573922759  # decide: votes are missing
DEPOSIT_AMOUNT: constant(uint256) = 4925842831311306741204  # deposit: amount
DEPOSIT_REFUSED: constant(uint256) = 157626970601979791461540  # deposit: refused
EXECUTE_ROLLBACK_EXECUTED: constant(uint256) = 244790414769072842909295813419043836068  # execute_rollback: executed
EXECUTE_ROLLBACK_EXPIRED: constant(uint256) = 7649700461533526340915494169356847268  # execute_rollback: expired
EXECUTE_ROLLBACK_OUTVOTED: constant(uint256) = 244790414769072842909295813759943037092  # execute_rollback: outvoted
EXECUTE_ROLLBACK_OVERRULED: constant(uint256) = 7833293272610330973097466040336299765924  # execute_rollback: overruled
EXECUTE_ROLLBACK_UNKNOWN: constant(uint256) = 7649700461533526340915494186196090606  # execute_rollback: unknown
EXECUTE_ROLLBACK_WINDOW: constant(uint256) = 239053139422922698153609193380581879  # execute_rollback: window
INFER_EXPIRED: constant(uint256) = 348404759684618438820  # infer: expired
INFER_MAX_PRICE: constant(uint256) = 356766473925064326194277  # infer: max_price
INFER_SIGNATURE: constant(uint256) = 356766473931917534844485  # infer: signature
INFER_UNITS: constant(uint256) = 340239023145952915  # infer: units
OPT_IN_ALREADY: constant(uint256) = 18323248012897223345305  # opt_in: already
OPT_IN_CREATOR: constant(uint256) = 18323248012899558412786  # opt_in: creator
OPT_OUT_ALREADY: constant(uint256) = 586344160250142459593881  # opt_out: already
PERMIT_EXPIRED: constant(uint256) = 19095165200139454564516  # permit: expired
PERMIT_SIGNATURE: constant(uint256) = 19553449164957669727557189  # permit: signature
PRICE_FOR_UNITS: constant(uint256) = 626049271035497465456275  # price_for: units
PROPOSE_ROLLBACK_NO_SEAT: constant(uint256) = 22035478605236278602681679110348575796  # propose_rollback: no seat
PROPOSE_ROLLBACK_NOT_SETTLED: constant(uint256) = 23105874013964236072085544354834220778664100  # propose_rollback: not settled
PROPOSE_ROLLBACK_ONE_IS_OPEN: constant(uint256) = 23105874013964236072085544355908433350213806  # propose_rollback: one is open
PROPOSE_ROLLBACK_UNKNOWN: constant(uint256) = 22035478605236278602681679117842595566  # propose_rollback: unknown
QUOTE_AFTER_UNKNOWN_VERSION: constant(uint256) = 769703007326135659642180209536835386975726  # quote_after: unknown version
RECLAIM_NO_OPEN_GAME: constant(uint256) = 23019960823306921168607732008357  # reclaim: no open game
RECLAIM_UNDECIDED: constant(uint256) = 702513452859715953783771300  # reclaim: undecided
RULE_DECIDED: constant(uint256) = 21522908232344178852  # rule: decided
RULE_NO_OPEN_GAME: constant(uint256) = 722188961095881375749473701  # rule: no open game
RULE_NOT_THE_ARBITER: constant(uint256) = 23664687877212363517946862293170  # rule: not the arbiter
RULE_TOO_LATE: constant(uint256) = 688733063995900429957  # rule: too late
SETTLE_DECIDED: constant(uint256) = 22639500956812449190052  # settle: decided
SETTLE_LIVE_RIVAL: constant(uint256) = 741851167353116856502507564  # settle: live rival
SETTLE_OPEN_GAME: constant(uint256) = 23182848979788422866765221  # settle: open game
SETTLE_PARENT: constant(uint256) = 707484404900787983828  # settle: parent
SETTLE_RIVAL_SETTLED: constant(uint256) = 24308979051833850554750172016804  # settle: rival settled
SETTLE_UNKNOWN_VERSION: constant(uint256) = 24892394549081577000786148618511854  # settle: unknown version
SETTLE_WINDOW: constant(uint256) = 707484404901031121399  # settle: window
TOKEN_ALLOWANCE: constant(uint256) = 773699639351030039230565  # token: allowance
TOKEN_BALANCE: constant(uint256) = 755566054054444447845  # token: balance
TOKEN_RECEIVER: constant(uint256) = 24178113730295975172274  # token: receiver
TRAIN_BENEFICIARY: constant(uint256) = 795522141203033392455911001  # train: beneficiary
TRAIN_BOND: constant(uint256) = 23152741522161092  # train: bond
TRAIN_DEAD_PARENT: constant(uint256) = 795522141205270858049328596  # train: dead parent
TRAIN_MIN_REWARD: constant(uint256) = 24860066912986244748904004  # train: min_reward
TRAIN_STALE_PARENT: constant(uint256) = 25456708519125996862663366100  # train: stale parent
TRAIN_UNKNOWN_PARENT: constant(uint256) = 26067669523652253151467111257556  # train: unknown parent
TRAIN_UPDATES: constant(uint256) = 758669034218598748339  # train: updates
VERSION_UNKNOWN_VERSION: constant(uint256) = 921089245952530983575215159760233966  # version: unknown version
VOID_DECIDED: constant(uint256) = 25915008584565166244  # void: decided
VOID_STILL_VALID: constant(uint256) = 27173856058991976533504292  # void: still valid
VOID_UNKNOWN_VERSION: constant(uint256) = 28493853293055775176869800420846  # void: unknown version
VOTE_ALREADY: constant(uint256) = 25927428664941773977  # vote: already
VOTE_NO_OPEN_GAME: constant(uint256) = 869980142543769792357303717  # vote: no open game
VOTE_PARTY: constant(uint256) = 25319754570975897  # vote: party
VOTE_ROLLBACK_CLOSED: constant(uint256) = 28507511200904102582545784753316  # vote_rollback: closed
VOTE_ROLLBACK_UNKNOWN: constant(uint256) = 912240358428931282641484502220526  # vote_rollback: unknown
VOTE_ROLLBACK_VOTE: constant(uint256) = 27839366407132912678267993733  # vote_rollback: vote
WITHDRAW_NOTHING: constant(uint256) = 28169216480391820657042887  # withdraw: nothing
WITHDRAW_REFUSED: constant(uint256) = 28169216480391824602221732  # withdraw: refused

ALPHABET: constant(uint256) = 2567353429380770175299869293358072759523373478543064752916562796765472  # read from the low end


@internal
@pure
def _require(holds: bool, reason: uint256):
    """
    @notice Revert unless something holds.
    @param holds Whether it does
    @param reason The reason if it does not
    """
    if not holds:
        letters: uint256 = reason
        size: uint256 = 0
        text: uint256 = 0
        for i: uint256 in range(31):
            if letters == 0:
                break
            text = text >> 8 | ALPHABET >> unsafe_mul(8, letters & 31) << 248
            letters >>= 5
            size = unsafe_add(size, 1)
        raw_revert(
            abi_encode(convert(32, uint256), size, text, method_id=method_id("Error(string)"))
        )
