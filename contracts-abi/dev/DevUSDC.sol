// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A stand-in for USDC on a development chain: EIP-20 with six decimals, and
/// the events of Circle's FiatToken and of its proxy, in their order. Whoever
/// deploys it mints, and may blacklist accounts, pause and upgrade it.
contract DevUSDC {
    string public constant name = "USD Coin";
    string public constant symbol = "USDC";
    uint8 public constant decimals = 6;

    /// EIP-3009 and EIP-712
    bytes32 public constant TRANSFER_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    address public immutable minter = msg.sender;
    bool public paused;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public isBlacklisted;
    mapping(address => mapping(bytes32 => bool)) public authorizationState;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Mint(address indexed minter, address indexed to, uint256 amount);
    event Burn(address indexed burner, uint256 amount);
    event Blacklisted(address indexed _account);
    event UnBlacklisted(address indexed _account);
    event Pause();
    event Unpause();
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    event Upgraded(address implementation);

    error NotMinter(address caller);
    error ZeroAddress();
    error IsPaused();
    error IsBlacklisted(address account);
    error AuthorizationInvalid();
    error BalanceTooLow(address account, uint256 balance, uint256 needed);
    error AllowanceTooLow(address spender, uint256 allowed, uint256 needed);

    modifier onlyMinter() {
        if (msg.sender != minter) revert NotMinter(msg.sender);
        _;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(spender, value);
        return true;
    }

    function increaseAllowance(address spender, uint256 increment) external returns (bool) {
        _approve(spender, allowance[msg.sender][spender] + increment);
        return true;
    }

    /// Like Circle's, says nothing of the allowance it uses up.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < value) revert AllowanceTooLow(msg.sender, allowed, value);
        allowance[from][msg.sender] = allowed - value;
        _move(from, to, value);
        return true;
    }

    /// Anybody may bring what the payer has signed (EIP-3009).
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 what = keccak256(
            abi.encode(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        address signer = ecrecover(keccak256(abi.encodePacked("\x19\x01", _domain(), what)), v, r, s);
        bool inTime = block.timestamp > validAfter && block.timestamp < validBefore;
        if (signer == address(0) || signer != from || !inTime || authorizationState[from][nonce]) {
            revert AuthorizationInvalid();
        }
        authorizationState[from][nonce] = true;
        emit AuthorizationUsed(from, nonce);
        _move(from, to, value);
    }

    function mint(address to, uint256 amount) external onlyMinter returns (bool) {
        _check(to);
        if (to == address(0)) revert ZeroAddress();
        totalSupply += amount;
        unchecked { balanceOf[to] += amount; } // at most the supply
        _logNatively(address(0), to, amount);
        emit Mint(msg.sender, to, amount);
        emit Transfer(address(0), to, amount);
        return true;
    }

    function burn(uint256 amount) external {
        _take(msg.sender, amount);
        unchecked { totalSupply -= amount; } // at least the balance
        _logNatively(msg.sender, address(0), amount);
        emit Burn(msg.sender, amount);
        emit Transfer(msg.sender, address(0), amount);
    }

    function blacklist(address account) external onlyMinter {
        isBlacklisted[account] = true;
        _logListing(account, true);
        emit Blacklisted(account);
    }

    function unBlacklist(address account) external onlyMinter {
        isBlacklisted[account] = false;
        _logListing(account, false);
        emit UnBlacklisted(account);
    }

    function pause() external onlyMinter {
        paused = true;
        emit Pause();
    }

    function unpause() external onlyMinter {
        paused = false;
        emit Unpause();
    }

    /// Changes nothing: it stands for an upgrade of Circle's proxy, whose log
    /// appears under the token's address.
    function upgradeTo(address implementation) external onlyMinter {
        emit Upgraded(implementation);
    }

    /// What a chain whose own money is USDC logs itself, before the token does.
    function _logNatively(address from, address to, uint256 value) internal virtual {}

    function _logListing(address account, bool listed) internal virtual {}

    function _check(address account) internal view {
        if (paused) revert IsPaused();
        if (isBlacklisted[account]) revert IsBlacklisted(account);
    }

    function _approve(address spender, uint256 value) private {
        _check(msg.sender);
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function _move(address from, address to, uint256 value) private {
        _check(to);
        if (to == address(0)) revert ZeroAddress();
        _take(from, value);
        unchecked { balanceOf[to] += value; } // at most the supply
        _logNatively(from, to, value);
        emit Transfer(from, to, value);
    }

    function _take(address from, uint256 value) private {
        _check(from);
        uint256 balance = balanceOf[from];
        if (balance < value) revert BalanceTooLow(from, balance, value);
        unchecked { balanceOf[from] = balance - value; }
    }

    function _domain() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256(bytes(name)), keccak256("2"), block.chainid, address(this))
        );
    }
}
