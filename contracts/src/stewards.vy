#pragma version ==0.4.3
#pragma nonreentrancy on
"""
@title Balances, and the stewards' seats that they give
@notice A holder's seat needs a right that is switched on, and a weight of half a percent of the
    supply: what was earned by training and is still held, or what is held beyond the creator's
    grant. Held is the lowest balance in this and the previous rollback window, so that nothing
    borrowed counts. An account that never opted in pays for its balance alone.
@dev An account is one word: its balance, what it earned, whether it opted in and its place on the
    roster. The roster holds whoever opted in and would have the weight once two windows have
    passed: nobody else can gain a seat without a call. Their balances bound it to 199.
"""

uses: terms

import reasons
import terms

event OptedIn:
    account: indexed(address)

event OptedOut:
    account: indexed(address)

AMOUNT: constant(uint256) = 2**112 - 1  # mask of a balance
EARNED_AT: constant(uint256) = 112
RIGHT_AT: constant(uint256) = 224  # the right, 1 bit, and 8 bits of the place
WINDOW_AT: constant(uint256) = 224
MAX_SEATS: constant(uint256) = 199

accounts: HashMap[address, uint256]
lows: HashMap[address, uint256]  # lowest balance in a window and in the one before, and which
roster_size: public(uint256)
seats: HashMap[uint256, address]  # from 1


@external
def opt_in():
    """
    @notice Switch on the caller's right to a holder's seat; what it holds counts from the next
        rollback window on. The creator has a seat of his own.
    """
    reasons._require(msg.sender != terms.CREATOR, reasons.OPT_IN_CREATOR)
    word: uint256 = self.accounts[msg.sender]
    reasons._require(word >> RIGHT_AT == 0, reasons.OPT_IN_ALREADY)
    self.lows[msg.sender] = self._window() << WINDOW_AT  # unknown so far, hence 0
    self.accounts[msg.sender] = word | (self._placed(msg.sender, word, 0) << RIGHT_AT)
    log OptedIn(account=msg.sender)


@external
def opt_out():
    """
    @notice Switch off the caller's right to a holder's seat.
    """
    word: uint256 = self.accounts[msg.sender]
    reasons._require(word >> RIGHT_AT != 0, reasons.OPT_OUT_ALREADY)
    self._leave(word >> (RIGHT_AT + 1))
    self.accounts[msg.sender] = word & (2**RIGHT_AT - 1)
    log OptedOut(account=msg.sender)


@external
@view
def top_holders() -> address[2]:
    """
    @notice Who sits in the two holders' seats now.
    @return The heaviest first, zero where nobody sits; of equal weights the lower address
    """
    return self._top_holders()


@external
@view
def weight_of(account: address) -> uint256:
    """
    @notice What an account weighs now; half a percent of the supply can sit.
    @param account Any address
    @return Wei, 0 without the right
    """
    return self._weight_of(account)


@external
@view
def earned_of(account: address) -> uint256:
    """
    @notice The rewards settled to an account that it never gave away.
    @param account Any address
    @return Wei, at most its balance
    """
    return self._earned(self.accounts[account])


@external
@view
def has_opted_in(account: address) -> bool:
    """
    @notice Whether an account's right to a seat is switched on.
    @param account Any address
    @return True if it is
    """
    return self.accounts[account] >> RIGHT_AT != 0


@external
@view
def roster(place: uint256) -> address:
    """
    @notice Who may sit, now or once two windows have passed.
    @param place From 1 to roster_size
    @return The account, zero at other places
    """
    return self.seats[place]


@internal
def _set(account: address, word: uint256, balance: uint256, earned: uint256):
    """
    @notice Write an account's balance; watch it if it opted in.
    @param account Whose
    @param word The account as it was read
    @param balance The new balance
    @param earned What of it was earned
    """
    changed: uint256 = balance | (earned << EARNED_AT)
    if word >> RIGHT_AT != 0:
        low: uint256 = 0
        before: uint256 = 0
        low, before = self._lows(account, word & AMOUNT)
        self.lows[account] = (
            min(low, balance) | (before << EARNED_AT) | (self._window() << WINDOW_AT)
        )
        changed |= self._placed(account, changed, word >> (RIGHT_AT + 1)) << RIGHT_AT
    self.accounts[account] = changed


@internal
def _placed(account: address, word: uint256, place: uint256) -> uint256:
    """
    @notice Let an account that opted in join the roster or leave it, as its balance asks.
    @param account Whose
    @param word Its balance and what it earned
    @param place Where it stands on the roster, 0 if nowhere
    @return The right, and above it the new place
    """
    balance: uint256 = word & AMOUNT
    if self._weight(balance, self._earned(word)) < terms.MIN_WEIGHT:
        self._leave(place)
        return 1
    if place != 0:
        return 1 | (place << 1)
    size: uint256 = self.roster_size + 1
    self.roster_size = size
    self.seats[size] = account
    return 1 | (size << 1)


@internal
def _leave(place: uint256):
    """
    @notice Free a place on the roster: the last one takes it.
    @param place The place, 0 for none
    """
    if place == 0:
        return
    size: uint256 = self.roster_size
    last: address = self.seats[size]
    self.seats[place] = last
    self.accounts[last] = self.accounts[last] & (2 * 2**RIGHT_AT - 1) | (place << (RIGHT_AT + 1))
    self.seats[size] = empty(address)
    self.roster_size = unsafe_sub(size, 1)


@internal
@pure
def _earned(word: uint256) -> uint256:
    return word >> EARNED_AT & AMOUNT


@internal
@view
def _window() -> uint256:
    return block.timestamp // terms.ROLLBACK_WINDOW


@internal
@view
def _lows(account: address, balance: uint256) -> (uint256, uint256):
    """
    @notice The lowest balances of an account that opted in.
    @param account Whose
    @param balance What it has held since its last change
    @return In this window, in the previous one
    """
    word: uint256 = self.lows[account]
    passed: uint256 = self._window() - (word >> WINDOW_AT)
    if passed == 0:
        return word & AMOUNT, word >> EARNED_AT & AMOUNT
    return balance, word & AMOUNT if passed == 1 else balance


@internal
@view
def _weight(held: uint256, earned: uint256) -> uint256:
    return max(min(held, earned), unsafe_sub(held, min(held, terms.GRANT)))


@internal
@view
def _weight_of(account: address) -> uint256:
    word: uint256 = self.accounts[account]
    if word >> RIGHT_AT == 0:
        return 0
    low: uint256 = 0
    before: uint256 = 0
    low, before = self._lows(account, word & AMOUNT)
    return self._weight(min(low, before), self._earned(word))


@internal
@view
def _top_holders() -> address[2]:
    top: address[2] = empty(address[2])
    weights: uint256[2] = [terms.MIN_WEIGHT, terms.MIN_WEIGHT]
    for i: uint256 in range(self.roster_size, bound=MAX_SEATS):
        account: address = self.seats[unsafe_add(i, 1)]
        weight: uint256 = self._weight_of(account)
        if self._outranks(account, weight, top[0], weights[0]):
            top[1] = top[0]
            weights[1] = weights[0]
            top[0] = account
            weights[0] = weight
        elif self._outranks(account, weight, top[1], weights[1]):
            top[1] = account
            weights[1] = weight
    return top


@internal
@pure
def _outranks(account: address, weight: uint256, other: address, other_weight: uint256) -> bool:
    if weight != other_weight:
        return weight > other_weight
    return other == empty(address) or convert(account, uint256) < convert(other, uint256)
