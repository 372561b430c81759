// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {HoldsUsdc} from "./HoldsUsdc.sol";

/// A development contract with the outward face of GigStream's
/// PaymentStreaming: the same calls, getters, events, and order of logs.
/// A platform escrows an amount; it is released pro rata over a duration; the
/// worker claims what was released; what was not goes back on a cancel.
contract PaymentStreaming is HoldsUsdc {
    enum StreamStatus { Active, Paused, Completed, Cancelled }

    struct Stream {
        uint256 id;
        address worker;
        address platform;
        uint256 totalAmount;
        uint256 releasedAmount;
        uint256 claimedAmount;
        uint256 startTime;
        uint256 duration;
        uint256 releaseInterval;
        uint256 lastReleaseTime;
        StreamStatus status;
    }

    uint256 public constant MIN_RELEASE_INTERVAL = 1 minutes;
    uint256 public constant MAX_DURATION = 30 days;

    uint256 public streamCount;
    mapping(uint256 => Stream) public streams;
    mapping(address => uint256[]) public workerStreams;
    mapping(address => uint256[]) public platformStreams;

    event StreamCreated(
        uint256 indexed streamId,
        address indexed worker,
        address indexed platform,
        uint256 totalAmount,
        uint256 duration,
        uint256 releaseInterval
    );
    event PaymentReleased(
        uint256 indexed streamId, address indexed worker, uint256 amount, uint256 totalReleased
    );
    event EarningsClaimed(uint256 indexed streamId, address indexed worker, uint256 amount);
    event StreamPaused(uint256 indexed streamId, address indexed by);
    event StreamResumed(uint256 indexed streamId, address indexed by);
    event StreamCancelled(uint256 indexed streamId, address indexed by, uint256 refundAmount);
    event StreamCompleted(uint256 indexed streamId, uint256 totalPaid);

    error NoSuchStream(uint256 streamId);
    error WrongStatus(StreamStatus status);
    error TooSoon(uint256 possibleAt);
    error NothingToPay();

    constructor(address token) HoldsUsdc(token) {}

    function createStream(address worker, uint256 totalAmount, uint256 duration, uint256 releaseInterval)
        external
        once
        whenNotPaused
        returns (uint256 streamId)
    {
        if (worker == address(0)) revert Invalid("worker");
        if (totalAmount == 0) revert Invalid("totalAmount");
        if (duration == 0 || duration > MAX_DURATION) revert Invalid("duration");
        if (releaseInterval < MIN_RELEASE_INTERVAL || releaseInterval > duration) revert Invalid("releaseInterval");

        _collect(msg.sender, totalAmount);

        streamId = ++streamCount;
        streams[streamId] = Stream({
            id: streamId,
            worker: worker,
            platform: msg.sender,
            totalAmount: totalAmount,
            releasedAmount: 0,
            claimedAmount: 0,
            startTime: block.timestamp,
            duration: duration,
            releaseInterval: releaseInterval,
            lastReleaseTime: block.timestamp,
            status: StreamStatus.Active
        });
        workerStreams[worker].push(streamId);
        platformStreams[msg.sender].push(streamId);
        emit StreamCreated(streamId, worker, msg.sender, totalAmount, duration, releaseInterval);
    }

    /// Anybody may call it, once per interval.
    function releasePayment(uint256 streamId) external once whenNotPaused {
        Stream storage s = _existing(streamId);
        if (s.status != StreamStatus.Active) revert WrongStatus(s.status);
        uint256 possibleAt = s.lastReleaseTime + s.releaseInterval;
        if (block.timestamp < possibleAt) revert TooSoon(possibleAt);

        uint256 amount = _due(s) - s.releasedAmount;
        if (amount == 0) revert NothingToPay();
        s.releasedAmount += amount;
        s.lastReleaseTime = block.timestamp;
        // The end is told before the payment that brings it about.
        if (s.releasedAmount == s.totalAmount) {
            s.status = StreamStatus.Completed;
            emit StreamCompleted(streamId, s.releasedAmount);
        }
        emit PaymentReleased(streamId, s.worker, amount, s.releasedAmount);
    }

    /// Also while the stream is paused, and after its end.
    function claimEarnings(uint256 streamId) external once whenNotPaused {
        Stream storage s = _existing(streamId);
        if (msg.sender != s.worker) revert NotAllowed(msg.sender);
        uint256 amount = _unclaimed(s);
        if (amount == 0) revert NothingToPay();
        s.claimedAmount += amount;
        _pay(s.worker, amount);
        emit EarningsClaimed(streamId, s.worker, amount);
    }

    function pauseStream(uint256 streamId) external {
        Stream storage s = _managed(streamId);
        if (s.status != StreamStatus.Active) revert WrongStatus(s.status);
        s.status = StreamStatus.Paused;
        emit StreamPaused(streamId, msg.sender);
    }

    /// The wait for the next release begins anew; the pro-rata clock did not
    /// stop.
    function resumeStream(uint256 streamId) external {
        Stream storage s = _managed(streamId);
        if (s.status != StreamStatus.Paused) revert WrongStatus(s.status);
        s.status = StreamStatus.Active;
        s.lastReleaseTime = block.timestamp;
        emit StreamResumed(streamId, msg.sender);
    }

    /// Pays the worker what was released, without an event of its own, and
    /// the platform the rest.
    function cancelStream(uint256 streamId) external once {
        Stream storage s = _managed(streamId);
        if (s.status != StreamStatus.Active && s.status != StreamStatus.Paused) revert WrongStatus(s.status);
        uint256 earned = _unclaimed(s);
        uint256 refund = s.totalAmount - s.releasedAmount;
        s.status = StreamStatus.Cancelled;
        s.claimedAmount += earned;
        if (earned > 0) _pay(s.worker, earned);
        if (refund > 0) _pay(s.platform, refund);
        emit StreamCancelled(streamId, msg.sender, refund);
    }

    function getStreamDetails(uint256 streamId) external view returns (Stream memory) {
        return _existing(streamId);
    }

    function getWorkerStreams(address worker) external view returns (uint256[] memory) {
        return workerStreams[worker];
    }

    function getPlatformStreams(address platform) external view returns (uint256[] memory) {
        return platformStreams[platform];
    }

    function _existing(uint256 streamId) private view returns (Stream storage s) {
        s = streams[streamId];
        if (s.id == 0) revert NoSuchStream(streamId);
    }

    function _managed(uint256 streamId) private view returns (Stream storage s) {
        s = _existing(streamId);
        if (msg.sender != s.platform && msg.sender != owner) revert NotAllowed(msg.sender);
    }

    function _unclaimed(Stream storage s) private view returns (uint256) {
        return s.releasedAmount - s.claimedAmount;
    }

    /// All that may have been released by now.
    function _due(Stream storage s) private view returns (uint256) {
        uint256 elapsed = block.timestamp - s.startTime;
        return elapsed >= s.duration ? s.totalAmount : s.totalAmount * elapsed / s.duration;
    }
}
