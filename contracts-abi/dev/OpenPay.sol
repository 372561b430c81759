// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IToken} from "./HoldsUsdc.sol";

/// A development contract with the events of LlamaPay, and with its order of
/// logs and money: a payer deposits once for all its streams, each of which
/// pays so much a second until it ends. A withdrawal is told before its money
/// moves, and every end of a stream begins with one. A stream's id is made of
/// payer, payee and rate, and comes again when the same stream does. Unlike
/// LlamaPay it refuses to go on once a payer's deposit is used up.
contract OpenPay {
    struct Payer {
        uint256 balance; // with 20 decimals, like every rate
        uint256 perSecond;
        uint256 settledAt;
    }

    uint256 private constant UNIT = 10 ** 14; // from 20 decimals to USDC's 6

    IToken public immutable token;
    mapping(address => Payer) public payers;
    mapping(bytes32 => uint256) public streamToStart;

    event StreamCreated(address indexed from, address indexed to, uint216 amountPerSec, bytes32 streamId);
    event StreamCreatedWithReason(
        address indexed from, address indexed to, uint216 amountPerSec, bytes32 streamId, string reason
    );
    event StreamCancelled(address indexed from, address indexed to, uint216 amountPerSec, bytes32 streamId);
    event StreamPaused(address indexed from, address indexed to, uint216 amountPerSec, bytes32 streamId);
    event StreamModified(
        address indexed from,
        address indexed oldTo,
        uint216 oldAmountPerSec,
        bytes32 oldStreamId,
        address indexed to,
        uint216 amountPerSec,
        bytes32 newStreamId
    );
    event Withdraw(
        address indexed from, address indexed to, uint216 amountPerSec, bytes32 streamId, uint256 amount
    );
    event PayerDeposit(address indexed from, uint256 amount);
    event PayerWithdraw(address indexed from, uint256 amount);

    error StreamExists();
    error NoSuchStream();

    constructor(IToken token_) {
        token = token_;
    }

    function getStreamId(address from, address to, uint216 amountPerSec) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(from, to, amountPerSec));
    }

    function deposit(uint256 amount) external {
        payers[msg.sender].balance += amount * UNIT;
        token.transferFrom(msg.sender, address(this), amount);
        emit PayerDeposit(msg.sender, amount);
    }

    function withdrawPayer(uint256 amount) external {
        _settle(msg.sender);
        payers[msg.sender].balance -= amount;
        token.transfer(msg.sender, amount / UNIT);
        emit PayerWithdraw(msg.sender, amount / UNIT);
    }

    function createStream(address to, uint216 amountPerSec) external {
        emit StreamCreated(msg.sender, to, amountPerSec, _begin(to, amountPerSec));
    }

    function createStreamWithReason(address to, uint216 amountPerSec, string calldata reason) external {
        emit StreamCreatedWithReason(msg.sender, to, amountPerSec, _begin(to, amountPerSec), reason);
    }

    function withdraw(address from, address to, uint216 amountPerSec) external {
        _payOut(from, to, amountPerSec);
    }

    function cancelStream(address to, uint216 amountPerSec) external {
        emit StreamCancelled(msg.sender, to, amountPerSec, _end(to, amountPerSec));
    }

    function pauseStream(address to, uint216 amountPerSec) external {
        emit StreamPaused(msg.sender, to, amountPerSec, _end(to, amountPerSec));
    }

    function modifyStream(address oldTo, uint216 oldAmountPerSec, address to, uint216 amountPerSec) external {
        bytes32 oldId = _end(oldTo, oldAmountPerSec);
        bytes32 newId = _begin(to, amountPerSec);
        emit StreamModified(msg.sender, oldTo, oldAmountPerSec, oldId, to, amountPerSec, newId);
    }

    function _begin(address to, uint216 amountPerSec) private returns (bytes32 streamId) {
        streamId = getStreamId(msg.sender, to, amountPerSec);
        if (streamToStart[streamId] != 0) revert StreamExists();
        streamToStart[streamId] = block.timestamp;
        _settle(msg.sender);
        payers[msg.sender].perSecond += amountPerSec;
    }

    function _end(address to, uint216 amountPerSec) private returns (bytes32 streamId) {
        streamId = _payOut(msg.sender, to, amountPerSec);
        streamToStart[streamId] = 0;
        payers[msg.sender].perSecond -= amountPerSec;
    }

    function _payOut(address from, address to, uint216 amountPerSec) private returns (bytes32 streamId) {
        streamId = getStreamId(from, to, amountPerSec);
        uint256 start = streamToStart[streamId];
        if (start == 0) revert NoSuchStream();
        _settle(from);
        streamToStart[streamId] = block.timestamp;
        uint256 amount = ((block.timestamp - start) * amountPerSec) / UNIT;
        emit Withdraw(from, to, amountPerSec, streamId, amount);
        token.transfer(to, amount);
    }

    /// Takes what all its streams have used since the last time.
    function _settle(address from) private {
        Payer storage payer = payers[from];
        payer.balance -= (block.timestamp - payer.settledAt) * payer.perSecond;
        payer.settledAt = block.timestamp;
    }
}
