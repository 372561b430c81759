// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {HoldsUsdc} from "./HoldsUsdc.sol";

/// A development contract with the outward face of GigStream's MicroLoan: the
/// same calls, getters, events, and order of logs. A worker asks for an
/// advance; an approver grants it, which pays it out at once, and collects it
/// from the worker's earnings. The deployed one also asks a ReputationLedger
/// for the worker's score; this one lends to anybody.
contract MicroLoan is HoldsUsdc {
    enum LoanStatus { Pending, Approved, Disbursed, Repaying, Repaid, Defaulted, Cancelled }

    struct Loan {
        uint256 id;
        address worker;
        uint256 requestedAmount;
        uint256 approvedAmount;
        uint256 feeRateBps;
        uint256 feeAmount;
        uint256 totalDue;
        uint256 repaidAmount;
        uint256 repaymentTasksTarget;
        uint256 repaymentTasksCompleted;
        uint256 createdAt;
        uint256 disbursedAt;
        uint256 dueDate;
        LoanStatus status;
    }

    uint256 public constant MIN_LOAN_AMOUNT = 1e6;
    uint256 public constant MAX_LOAN_AMOUNT = 500e6;
    uint256 public constant MIN_FEE_BPS = 200;
    uint256 public constant MAX_FEE_BPS = 500;
    uint256 public constant DEFAULT_PERIOD = 30 days;
    uint256 public constant DEFAULT_REPAYMENT_TASKS = 5;

    uint256 public loanCount;
    mapping(uint256 => Loan) public loans;
    /// The loan paid out last that is neither repaid nor defaulted.
    mapping(address => uint256) public activeLoan;
    mapping(address => bool) public authorizedApprovers;

    event LoanRequested(uint256 indexed loanId, address indexed worker, uint256 requestedAmount);
    event LoanApproved(uint256 indexed loanId, uint256 approvedAmount, uint256 feeRateBps);
    event LoanDisbursed(uint256 indexed loanId, address indexed worker, uint256 amount);
    event RepaymentMade(uint256 indexed loanId, uint256 amount, uint256 remainingBalance);
    event LoanRepaid(uint256 indexed loanId, uint256 totalRepaid);
    event LoanDefaulted(uint256 indexed loanId, uint256 remainingBalance);
    event LoanCancelled(uint256 indexed loanId);
    event ApproverAdded(address indexed approver);
    event ApproverRemoved(address indexed approver);

    error NoSuchLoan(uint256 loanId);
    error WrongStatus(LoanStatus status);
    error HasLoan(uint256 loanId);
    error NotDue(uint256 dueDate);

    modifier onlyApprover() {
        if (!authorizedApprovers[msg.sender]) revert NotAllowed(msg.sender);
        _;
    }

    constructor(address token) HoldsUsdc(token) {
        _setApprover(msg.sender, true);
    }

    /// Several may be pending: only a loan that was paid out is in the way.
    function requestAdvance(uint256 amount) external once whenNotPaused returns (uint256 loanId) {
        if (amount < MIN_LOAN_AMOUNT || amount > MAX_LOAN_AMOUNT) revert Invalid("amount");
        if (activeLoan[msg.sender] != 0) revert HasLoan(activeLoan[msg.sender]);
        loanId = ++loanCount;
        Loan storage loan = loans[loanId];
        loan.id = loanId;
        loan.worker = msg.sender;
        loan.requestedAmount = amount;
        loan.repaymentTasksTarget = DEFAULT_REPAYMENT_TASKS;
        loan.createdAt = block.timestamp;
        emit LoanRequested(loanId, msg.sender, amount);
    }

    /// Pays it out, too.
    function approveLoan(uint256 loanId, uint256 approvedAmount, uint256 feeRateBps)
        external
        onlyApprover
        once
        whenNotPaused
    {
        Loan storage loan = _pending(loanId);
        if (approvedAmount == 0 || approvedAmount > loan.requestedAmount) revert Invalid("approvedAmount");
        if (feeRateBps < MIN_FEE_BPS || feeRateBps > MAX_FEE_BPS) revert Invalid("feeRateBps");
        loan.approvedAmount = approvedAmount;
        loan.feeRateBps = feeRateBps;
        loan.feeAmount = approvedAmount * feeRateBps / 10_000;
        loan.totalDue = approvedAmount + loan.feeAmount;
        loan.status = LoanStatus.Approved;
        emit LoanApproved(loanId, approvedAmount, feeRateBps);
        _disburse(loan);
    }

    /// More than is due may be taken.
    function repayFromEarnings(uint256 loanId, uint256 amount) external onlyApprover once whenNotPaused {
        Loan storage loan = _owed(loanId);
        if (amount == 0) revert Invalid("amount");
        _collect(loan.worker, amount);
        loan.repaidAmount += amount;
        loan.repaymentTasksCompleted++;
        loan.status = LoanStatus.Repaying;
        emit RepaymentMade(loanId, amount, _remaining(loan));
        if (_remaining(loan) > 0) return;
        loan.status = LoanStatus.Repaid;
        delete activeLoan[loan.worker];
        emit LoanRepaid(loanId, loan.repaidAmount);
    }

    /// Also while the contract is paused.
    function markDefaulted(uint256 loanId) external onlyApprover {
        Loan storage loan = _owed(loanId);
        if (block.timestamp <= loan.dueDate) revert NotDue(loan.dueDate);
        loan.status = LoanStatus.Defaulted;
        delete activeLoan[loan.worker];
        emit LoanDefaulted(loanId, _remaining(loan));
    }

    /// Also while the contract is paused.
    function cancelLoan(uint256 loanId) external {
        Loan storage loan = _pending(loanId);
        if (msg.sender != loan.worker && !authorizedApprovers[msg.sender]) revert NotAllowed(msg.sender);
        loan.status = LoanStatus.Cancelled;
        emit LoanCancelled(loanId);
    }

    /// Like its counterpart, says nothing: only the token does.
    function fundContract(uint256 amount) external onlyOwner {
        if (amount == 0) revert Invalid("amount");
        _collect(msg.sender, amount);
    }

    function withdrawFunds(uint256 amount) external onlyOwner once {
        if (amount == 0) revert Invalid("amount");
        _pay(owner, amount);
    }

    function addAuthorizedApprover(address approver) external onlyOwner {
        if (approver == address(0) || authorizedApprovers[approver]) revert Invalid("approver");
        _setApprover(approver, true);
    }

    function removeAuthorizedApprover(address approver) external onlyOwner {
        if (!authorizedApprovers[approver]) revert Invalid("approver");
        _setApprover(approver, false);
    }

    function getLoanDetails(uint256 loanId) external view returns (Loan memory) {
        return _existing(loanId);
    }

    function _disburse(Loan storage loan) private {
        loan.status = LoanStatus.Disbursed;
        loan.disbursedAt = block.timestamp;
        loan.dueDate = block.timestamp + DEFAULT_PERIOD;
        activeLoan[loan.worker] = loan.id;
        _pay(loan.worker, loan.approvedAmount);
        emit LoanDisbursed(loan.id, loan.worker, loan.approvedAmount);
    }

    function _setApprover(address approver, bool authorized) private {
        authorizedApprovers[approver] = authorized;
        if (authorized) emit ApproverAdded(approver);
        else emit ApproverRemoved(approver);
    }

    function _existing(uint256 loanId) private view returns (Loan storage loan) {
        loan = loans[loanId];
        if (loan.id == 0) revert NoSuchLoan(loanId);
    }

    function _pending(uint256 loanId) private view returns (Loan storage loan) {
        loan = _existing(loanId);
        if (loan.status != LoanStatus.Pending) revert WrongStatus(loan.status);
    }

    function _owed(uint256 loanId) private view returns (Loan storage loan) {
        loan = _existing(loanId);
        if (loan.status != LoanStatus.Disbursed && loan.status != LoanStatus.Repaying) revert WrongStatus(loan.status);
    }

    function _remaining(Loan storage loan) private view returns (uint256) {
        return loan.totalDue > loan.repaidAmount ? loan.totalDue - loan.repaidAmount : 0;
    }
}
