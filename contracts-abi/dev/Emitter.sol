// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Logs whatever it is told. A test puts its code at the address of another
/// contract for one call, to see what a log that does not decode leads to.
contract Emitter {
    error TooManyTopics(uint256 n);

    function emitLog(bytes32[] calldata topics, bytes calldata data) external {
        uint256 n = topics.length;
        bytes32[4] memory t;
        if (n > 4) revert TooManyTopics(n);
        for (uint256 i = 0; i < n; i++) t[i] = topics[i];
        bytes memory d = data;
        assembly {
            let at := add(d, 32)
            let len := mload(d)
            switch n
            case 0 { log0(at, len) }
            case 1 { log1(at, len, mload(t)) }
            case 2 { log2(at, len, mload(t), mload(add(t, 32))) }
            case 3 { log3(at, len, mload(t), mload(add(t, 32)), mload(add(t, 64))) }
            case 4 { log4(at, len, mload(t), mload(add(t, 32)), mload(add(t, 64)), mload(add(t, 96))) }
        }
    }
}
