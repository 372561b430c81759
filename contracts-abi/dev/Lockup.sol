// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IToken} from "./HoldsUsdc.sol";

/// A development contract with the events of Sablier Lockup v3, those of its
/// getters that an audit asks, and its order of logs and money: a deposit of any token unlocks evenly between two
/// times for whoever owns the stream's NFT. The NFT is made before the deposit
/// is taken, and money moves before the event that tells of it.
contract Lockup {
    struct Timestamps {
        uint40 start;
        uint40 end;
    }

    struct CreateEventCommon {
        address funder;
        address sender;
        address recipient;
        uint128 depositAmount;
        IToken token;
        bool cancelable;
        bool transferable;
        Timestamps timestamps;
        string shape;
    }

    struct UnlockAmounts {
        uint128 start;
        uint128 cliff;
    }

    struct Segment {
        uint128 amount;
        uint64 exponent;
        uint40 timestamp;
    }

    struct Tranche {
        uint128 amount;
        uint40 timestamp;
    }

    enum Model { Linear, Dynamic, Tranched }

    enum Status { Pending, Streaming, Settled, Canceled, Depleted }

    struct Stream {
        CreateEventCommon terms;
        uint128 withdrawn;
        uint128 refunded;
    }

    uint256 public nextStreamId = 1;
    mapping(uint256 => Stream) private streams;

    event CreateLockupLinearStream(
        uint256 indexed streamId, CreateEventCommon commonParams, uint40 cliffTime, UnlockAmounts unlockAmounts
    );
    event CreateLockupDynamicStream(uint256 indexed streamId, CreateEventCommon commonParams, Segment[] segments);
    event CreateLockupTranchedStream(uint256 indexed streamId, CreateEventCommon commonParams, Tranche[] tranches);
    event WithdrawFromLockupStream(
        uint256 indexed streamId, address indexed to, IToken indexed token, uint128 amount
    );
    event CancelLockupStream(
        uint256 streamId,
        address indexed sender,
        address indexed recipient,
        IToken indexed token,
        uint128 senderAmount,
        uint128 recipientAmount
    );
    event RenounceLockupStream(uint256 indexed streamId);
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event MetadataUpdate(uint256 _tokenId);

    error NotAllowed(address caller);
    error TooMuch(uint128 available);
    error Settled();
    error NotThere(uint256 streamId);
    error NotDepleted(uint256 streamId);

    modifier there(uint256 streamId) {
        if (streams[streamId].terms.sender == address(0)) revert NotThere(streamId);
        _;
    }

    /// Whoever calls pays, for a sender who may be somebody else.
    function create(
        Model model,
        address sender,
        address recipient,
        IToken token,
        uint128 amount,
        Timestamps calldata timestamps,
        string calldata shape
    ) external returns (uint256 streamId) {
        streamId = nextStreamId++;
        CreateEventCommon memory terms =
            CreateEventCommon(msg.sender, sender, recipient, amount, token, true, true, timestamps, shape);
        streams[streamId].terms = terms;
        emit MetadataUpdate(streamId);
        emit Transfer(address(0), recipient, streamId);
        token.transferFrom(msg.sender, address(this), amount);
        _announce(streamId, model, terms);
    }

    function withdraw(uint256 streamId, address to, uint128 amount) external {
        Stream storage stream = streams[streamId];
        if (to != stream.terms.recipient && msg.sender != stream.terms.recipient) revert NotAllowed(msg.sender);
        uint128 available = _unlocked(stream) - stream.withdrawn;
        if (amount == 0 || amount > available) revert TooMuch(available);
        stream.withdrawn += amount;
        stream.terms.token.transfer(to, amount);
        emit WithdrawFromLockupStream(streamId, to, stream.terms.token, amount);
        emit MetadataUpdate(streamId);
    }

    /// What was unlocked stays here, to be withdrawn.
    function cancel(uint256 streamId) external {
        Stream storage stream = streams[streamId];
        CreateEventCommon storage terms = stream.terms;
        if (msg.sender != terms.sender) revert NotAllowed(msg.sender);
        uint128 unlocked = _unlocked(stream);
        if (!terms.cancelable || unlocked >= terms.depositAmount) revert Settled();
        terms.cancelable = false;
        stream.refunded = terms.depositAmount - unlocked;
        terms.token.transfer(terms.sender, stream.refunded);
        emit CancelLockupStream(
            streamId, terms.sender, terms.recipient, terms.token, stream.refunded, unlocked - stream.withdrawn
        );
        emit MetadataUpdate(streamId);
    }

    function renounce(uint256 streamId) external {
        if (msg.sender != streams[streamId].terms.sender) revert NotAllowed(msg.sender);
        streams[streamId].terms.cancelable = false;
        emit RenounceLockupStream(streamId);
    }

    /// Of the NFT: the stream is the new owner's.
    function transferFrom(address from, address to, uint256 streamId) external {
        if (msg.sender != from || from != streams[streamId].terms.recipient) revert NotAllowed(msg.sender);
        streams[streamId].terms.recipient = to;
        emit MetadataUpdate(streamId);
        emit Transfer(from, to, streamId);
    }

    /// The stream stays, and is nobody's.
    function burn(uint256 streamId) external {
        address owner = getRecipient(streamId);
        if (msg.sender != owner) revert NotAllowed(msg.sender);
        if (statusOf(streamId) != Status.Depleted) revert NotDepleted(streamId);
        streams[streamId].terms.recipient = address(0);
        emit MetadataUpdate(streamId);
        emit Transfer(owner, address(0), streamId);
    }

    function getRecipient(uint256 streamId) public view returns (address recipient) {
        recipient = streams[streamId].terms.recipient;
        if (recipient == address(0)) revert NotThere(streamId);
    }

    function getSender(uint256 streamId) external view there(streamId) returns (address sender) {
        return streams[streamId].terms.sender;
    }

    function getDepositedAmount(uint256 streamId) external view there(streamId) returns (uint128 depositedAmount) {
        return streams[streamId].terms.depositAmount;
    }

    function getWithdrawnAmount(uint256 streamId) external view there(streamId) returns (uint128 withdrawnAmount) {
        return streams[streamId].withdrawn;
    }

    function statusOf(uint256 streamId) public view there(streamId) returns (Status status) {
        Stream storage stream = streams[streamId];
        uint128 deposit = stream.terms.depositAmount;
        if (stream.withdrawn + stream.refunded == deposit) return Status.Depleted;
        if (stream.refunded > 0) return Status.Canceled;
        if (block.timestamp < stream.terms.timestamps.start) return Status.Pending;
        return _unlocked(stream) < deposit ? Status.Streaming : Status.Settled;
    }

    function withdrawableAmountOf(uint256 streamId) external view returns (uint128) {
        return _unlocked(streams[streamId]) - streams[streamId].withdrawn;
    }

    function _unlocked(Stream storage stream) private view returns (uint128) {
        CreateEventCommon storage terms = stream.terms;
        Timestamps memory t = terms.timestamps;
        if (stream.refunded > 0) return terms.depositAmount - stream.refunded;
        if (block.timestamp <= t.start) return 0;
        if (block.timestamp >= t.end) return terms.depositAmount;
        return uint128((uint256(terms.depositAmount) * (block.timestamp - t.start)) / (t.end - t.start));
    }

    function _announce(uint256 streamId, Model model, CreateEventCommon memory terms) private {
        if (model == Model.Linear) {
            emit CreateLockupLinearStream(streamId, terms, 0, UnlockAmounts(0, 0));
        } else if (model == Model.Dynamic) {
            Segment[] memory segments = new Segment[](1);
            segments[0] = Segment(terms.depositAmount, 1e18, terms.timestamps.end);
            emit CreateLockupDynamicStream(streamId, terms, segments);
        } else {
            Tranche[] memory tranches = new Tranche[](2);
            tranches[0] = Tranche(terms.depositAmount / 2, terms.timestamps.start + 1);
            tranches[1] = Tranche(terms.depositAmount - terms.depositAmount / 2, terms.timestamps.end);
            emit CreateLockupTranchedStream(streamId, terms, tranches);
        }
    }
}
