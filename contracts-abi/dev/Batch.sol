// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Several calls in one transaction, made in this contract's name: a platform
/// that creates two equal streams at once, a donation beside an escrow.
contract Batch {
    struct Call {
        address target;
        bytes data;
    }

    function run(Call[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; i++) {
            (bool done, bytes memory reason) = calls[i].target.call(calls[i].data);
            if (!done) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
    }
}
