// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What GigStream's contracts have in common, with the events of OpenZeppelin's
/// Ownable and Pausable: an owner, who can stop the whole contract.
abstract contract Owned {
    address public owner;
    bool public paused;

    event Paused(address account);
    event Unpaused(address account);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    error Invalid(string what);
    error NotAllowed(address caller);
    error IsPaused(bool paused);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotAllowed(msg.sender);
        _;
    }

    modifier whenNotPaused() {
        if (paused) revert IsPaused(true);
        _;
    }

    constructor() {
        _setOwner(msg.sender);
    }

    function pause() external onlyOwner whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    function unpause() external onlyOwner {
        if (!paused) revert IsPaused(false);
        paused = false;
        emit Unpaused(msg.sender);
    }

    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert Invalid("newOwner");
        _setOwner(newOwner);
    }

    function renounceOwnership() external onlyOwner {
        _setOwner(address(0));
    }

    function _setOwner(address newOwner) private {
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }
}
