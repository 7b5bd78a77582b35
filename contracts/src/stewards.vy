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

# An account, from the low end: its right (1 bit), its place (8 bits), what it earned, its balance.
# Its low: the window of its last change (32 bits), the lowest balance in the one before, the lowest
# in that one. The second amount of a word is `word << AMOUNT >> BALANCE_AT`.
RIGHT: constant(uint256) = 1
SEAT: constant(uint256) = 2**9 - 1  # mask of right and place
PLACE_AT: constant(uint256) = 1
EARNED_AT: constant(uint256) = 32
BALANCE_AT: constant(uint256) = 144
AMOUNT: constant(uint256) = 112  # bits of a balance
WINDOW: constant(uint256) = 2**32 - 1
MAX_SEATS: constant(uint256) = 199

accounts: HashMap[address, uint256]
lows: HashMap[address, uint256]
roster_size: reentrant(public(uint256))
seats: HashMap[uint256, address]  # from 1


@external
def opt_in():
    """
    @notice Switch on the caller's right to a holder's seat; what it holds counts from the next
        rollback window on. The creator has a seat of his own.
    """
    reasons._require(msg.sender != terms.CREATOR, reasons.OPT_IN_CREATOR)
    word: uint256 = self.accounts[msg.sender]
    reasons._require(word & RIGHT == 0, reasons.OPT_IN_ALREADY)
    # it held nothing so far
    self.lows[msg.sender] = unsafe_div(block.timestamp, terms.ROLLBACK_WINDOW)  # down
    self.accounts[msg.sender] = word | self._placed(msg.sender, word, 0)
    log OptedIn(account=msg.sender)


@external
def opt_out():
    """
    @notice Switch off the caller's right to a holder's seat.
    """
    word: uint256 = self.accounts[msg.sender]
    reasons._require(word & RIGHT != 0, reasons.OPT_OUT_ALREADY)
    seat: uint256 = word & SEAT
    self._leave(seat >> PLACE_AT)
    self.accounts[msg.sender] = word ^ seat
    log OptedOut(account=msg.sender)


@external
@view
@reentrant
def top_holders() -> address[2]:
    """
    @notice Who sits in the two holders' seats now.
    @return The heaviest first, zero where nobody sits; of equal weights the lower address
    """
    return self._top_holders()


@external
@view
@reentrant
def weight_of(account: address) -> uint256:
    """
    @notice What an account weighs now; half a percent of the supply can sit.
    @param account Any address
    @return Wei, 0 without the right
    """
    return self._weight_of(account)


@external
@view
@reentrant
def earned_of(account: address) -> uint256:
    """
    @notice The rewards settled to an account that it never gave away.
    @param account Any address
    @return Wei, at most its balance
    """
    return self.accounts[account] << AMOUNT >> BALANCE_AT


@external
@view
@reentrant
def has_opted_in(account: address) -> bool:
    """
    @notice Whether an account's right to a seat is switched on.
    @param account Any address
    @return True if it is
    """
    return self.accounts[account] & RIGHT != 0


@external
@view
@reentrant
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
    changed: uint256 = balance << BALANCE_AT | earned << EARNED_AT
    if word & RIGHT != 0:
        lows: uint256 = self._lows(account, word >> BALANCE_AT)
        low: uint256 = lows >> BALANCE_AT
        self.lows[account] = lows ^ (low ^ min(low, balance)) << BALANCE_AT
        changed |= self._placed(account, changed, (word & SEAT) >> PLACE_AT)
    self.accounts[account] = changed


@internal
def _placed(account: address, word: uint256, place: uint256) -> uint256:
    """
    @notice Let an account that opted in join the roster or leave it, as its balance asks.
    @param account Whose
    @param word Its balance and what it earned
    @param place Where it stands on the roster, 0 if nowhere
    @return The right and the new place
    """
    stands: uint256 = place
    if self._weight(word >> BALANCE_AT, word) <= terms.TOO_LIGHT:
        self._leave(place)
        stands = 0
    elif place == 0:
        stands = unsafe_add(self.roster_size, 1)
        self.roster_size = stands
        self.seats[stands] = account
    return RIGHT | stands << PLACE_AT


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
    self.accounts[last] ^= (size ^ place) << PLACE_AT  # it stood at the end
    self.seats[size] = empty(address)
    self.roster_size = unsafe_sub(size, 1)


@internal
@view
def _lows(account: address, balance: uint256) -> uint256:
    """
    @notice The lowest balances of an account that opted in, brought up to this window.
    @param account Whose
    @param balance What it has held since its last change
    @return Their word
    """
    word: uint256 = self.lows[account]
    window: uint256 = unsafe_div(block.timestamp, terms.ROLLBACK_WINDOW)  # down
    passed: uint256 = unsafe_sub(window, word & WINDOW)
    if passed == 0:
        return word
    before: uint256 = word >> BALANCE_AT if passed == 1 else balance
    return balance << BALANCE_AT | before << EARNED_AT | window


@internal
@view
def _weight(held: uint256, word: uint256) -> uint256:
    """
    @notice What an account weighs.
    @param held In wei
    @param word The account, of which what it earned is read
    @return Wei
    """
    earned: uint256 = word << AMOUNT >> BALANCE_AT
    grant: uint256 = unsafe_div(terms.SUPPLY, terms.GRANTS_PER_SUPPLY)
    return max(min(held, earned), unsafe_sub(max(held, grant), grant))


@internal
@view
def _weight_of(account: address) -> uint256:
    word: uint256 = self.accounts[account]
    if word & RIGHT == 0:
        return 0
    lows: uint256 = self._lows(account, word >> BALANCE_AT)
    return self._weight(min(lows >> BALANCE_AT, lows << AMOUNT >> BALANCE_AT), word)


@internal
@view
def _top_holders() -> address[2]:
    top: address[2] = empty(address[2])
    weights: uint256[2] = [terms.TOO_LIGHT, terms.TOO_LIGHT]
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
    return convert(account, uint256) < convert(other, uint256)
