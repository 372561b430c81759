// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Owned} from "./Owned.sol";

/// A development contract with the outward face of GigStream's
/// ReputationLedger: the same calls, getters, events and arithmetic. Recorders
/// tell it of tasks and disputes; it keeps a score from 0 to 1000.
contract ReputationLedger is Owned {
    struct Reputation {
        uint256 score;
        uint256 totalTasks;
        uint256 completedOnTime;
        uint256 totalDisputes;
        uint256 totalRatings;
        uint256 sumOfRatings;
    }

    uint256 public constant BASE_SCORE = 100;
    uint256 public constant MAX_SCORE = 1000;
    uint256 public constant TASK_COMPLETION_POINTS = 2;
    uint256 public constant ON_TIME_BONUS = 1;
    uint256 private constant POINTS_PER_SEVERITY = 10;

    mapping(address => Reputation) public reputations;
    mapping(address => bool) public authorizedRecorders;

    event TaskRecorded(
        address indexed worker, uint256 indexed taskId, bool onTime, uint8 rating, uint256 newScore
    );
    event DisputeRecorded(
        address indexed worker, uint256 indexed taskId, uint8 severity, uint256 pointsLost, uint256 newScore
    );
    event AuthorizedRecorderAdded(address indexed recorder);
    event AuthorizedRecorderRemoved(address indexed recorder);

    modifier onlyRecorder() {
        if (!authorizedRecorders[msg.sender]) revert NotAllowed(msg.sender);
        _;
    }

    constructor() {
        _setRecorder(msg.sender, true);
    }

    /// rating: 1 to 5, or 0 for none. The first task begins at BASE_SCORE,
    /// whatever disputes or the owner made of the score before it.
    function recordCompletion(address worker, uint256 taskId, bool onTime, uint8 rating)
        external
        onlyRecorder
        whenNotPaused
    {
        if (worker == address(0)) revert Invalid("worker");
        if (rating > 5) revert Invalid("rating");
        Reputation storage r = reputations[worker];
        if (r.totalTasks == 0) r.score = BASE_SCORE;
        r.totalTasks++;
        if (onTime) r.completedOnTime++;
        if (rating > 0) {
            r.totalRatings++;
            r.sumOfRatings += rating;
        }
        uint256 score = r.score + _points(onTime, rating);
        r.score = score > MAX_SCORE ? MAX_SCORE : score;
        emit TaskRecorded(worker, taskId, onTime, rating, r.score);
    }

    /// pointsLost is the penalty, also where the score had less to lose.
    function recordDispute(address worker, uint256 taskId, uint8 severity) external onlyRecorder whenNotPaused {
        if (worker == address(0)) revert Invalid("worker");
        if (severity < 1 || severity > 5) revert Invalid("severity");
        Reputation storage r = reputations[worker];
        uint256 pointsLost = POINTS_PER_SEVERITY * severity;
        r.totalDisputes++;
        r.score = r.score > pointsLost ? r.score - pointsLost : 0;
        emit DisputeRecorded(worker, taskId, severity, pointsLost, r.score);
    }

    /// Like its counterpart, says nothing: no log shows this change.
    function updateScore(address worker, uint256 newScore) external onlyOwner {
        if (worker == address(0)) revert Invalid("worker");
        if (newScore > MAX_SCORE) revert Invalid("newScore");
        reputations[worker].score = newScore;
    }

    function addAuthorizedRecorder(address recorder) external onlyOwner {
        if (recorder == address(0) || authorizedRecorders[recorder]) revert Invalid("recorder");
        _setRecorder(recorder, true);
    }

    function removeAuthorizedRecorder(address recorder) external onlyOwner {
        if (!authorizedRecorders[recorder]) revert Invalid("recorder");
        _setRecorder(recorder, false);
    }

    function _setRecorder(address recorder, bool authorized) private {
        authorizedRecorders[recorder] = authorized;
        if (authorized) emit AuthorizedRecorderAdded(recorder);
        else emit AuthorizedRecorderRemoved(recorder);
    }

    /// A rating of 5, 4 or 3 adds 3, 2 or 1; 1 takes one away again.
    function _points(bool onTime, uint8 rating) private pure returns (uint256 points) {
        points = TASK_COMPLETION_POINTS;
        if (onTime) points += ON_TIME_BONUS;
        if (rating > 2) points += rating - 2;
        if (rating == 1) points -= 1;
    }
}
