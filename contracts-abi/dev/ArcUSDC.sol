// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {ArcSystem} from "./ArcSystem.sol";
import {DevUSDC} from "./DevUSDC.sol";

/// USDC as Circle's Arc has it: one balance with two faces, the chain's own
/// money with 18 decimals and an EIP-20 token with six. Whatever moves the
/// token is first logged by the chain itself.
contract ArcUSDC is DevUSDC {
    uint256 private constant SCALE = 1e12;
    ArcSystem private constant EMITTER = ArcSystem(0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE);
    ArcSystem private constant AUTHORITY = ArcSystem(0x1800000000000000000000000000000000000000);
    ArcSystem private constant CONTROL = ArcSystem(0x1800000000000000000000000000000000000001);

    /// Whether the chain has had the hardfork that changed its logs.
    bool public immutable zero5;
    /// What an account has below 10^-6, which balanceOf leaves out.
    mapping(address => uint256) private dust;

    constructor(bool zero5_) {
        zero5 = zero5_;
    }

    /// Stands for a transaction with a value, which no contract sees; in 18
    /// decimals. A pause of the token does not stop it.
    function sendNative(address to, uint256 value) external {
        if (isBlacklisted[msg.sender]) revert IsBlacklisted(msg.sender);
        if (isBlacklisted[to]) revert IsBlacklisted(to);
        _setNative(msg.sender, nativeBalanceOf(msg.sender) - value);
        _setNative(to, nativeBalanceOf(to) + value);
        _log(msg.sender, to, value);
    }

    function nativeBalanceOf(address account) public view returns (uint256) {
        return balanceOf[account] * SCALE + dust[account];
    }

    function _setNative(address account, uint256 value) private {
        balanceOf[account] = value / SCALE;
        dust[account] = value % SCALE;
    }

    function _logNatively(address from, address to, uint256 value) internal override {
        _log(from, to, value * SCALE);
    }

    function _logListing(address account, bool listed) internal override {
        CONTROL.logListing(account, listed);
    }

    /// Nothing of no value is logged; and since Zero5, nothing that stays where
    /// it is.
    function _log(address from, address to, uint256 value) private {
        if (value == 0) return;
        if (!zero5) AUTHORITY.logBeforeZero5(from, to, value);
        else if (from != to) EMITTER.logTransfer(from, to, value);
    }
}
