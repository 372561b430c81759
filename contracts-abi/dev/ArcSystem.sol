// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What Circle's Arc logs by itself, in 18 decimals. A contract can log only
/// under its own address, so that the same code stands at each of the three
/// addresses that Arc uses, and ArcUSDC calls it there.
contract ArcSystem {
    /// Since the hardfork Zero5, from 0xffff...fe (EIP-7708).
    event Transfer(address indexed from, address indexed to, uint256 value);
    /// Before it, from NativeCoinAuthority, 0x1800...00.
    event NativeCoinTransferred(address indexed from, address indexed to, uint256 amount);
    event NativeCoinMinted(address indexed recipient, uint256 amount);
    event NativeCoinBurned(address indexed from, uint256 amount);
    /// From NativeCoinControl, 0x1800...01.
    event Blocklisted(address indexed account);
    event UnBlocklisted(address indexed account);

    function logTransfer(address from, address to, uint256 value) external {
        emit Transfer(from, to, value);
    }

    function logBeforeZero5(address from, address to, uint256 amount) external {
        if (from == address(0)) emit NativeCoinMinted(to, amount);
        else if (to == address(0)) emit NativeCoinBurned(from, amount);
        else emit NativeCoinTransferred(from, to, amount);
    }

    function logListing(address account, bool listed) external {
        if (listed) emit Blocklisted(account);
        else emit UnBlocklisted(account);
    }
}
