// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Owned} from "./Owned.sol";

interface IToken {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// A contract through which money goes: it takes USDC that it was allowed to
/// take, and pays it out, one call at a time.
abstract contract HoldsUsdc is Owned {
    IToken public immutable usdcToken;
    bool private entered;

    error TokenRefused();
    error Reentered();

    modifier once() {
        if (entered) revert Reentered();
        entered = true;
        _;
        entered = false;
    }

    constructor(address token) {
        if (token == address(0)) revert Invalid("token");
        usdcToken = IToken(token);
    }

    function _collect(address from, uint256 amount) internal {
        if (!usdcToken.transferFrom(from, address(this), amount)) revert TokenRefused();
    }

    function _pay(address to, uint256 amount) internal {
        if (!usdcToken.transfer(to, amount)) revert TokenRefused();
    }
}
