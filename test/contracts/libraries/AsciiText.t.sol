// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AsciiText} from "../../../contracts/libraries/AsciiText.sol";
import {bound, vm} from "../support/Vm.sol";

contract AsciiTextTest {
    function test_TheEmptyTextIsVisible() public view {
        vm.assertTrue(this.isVisible(""));
    }

    function test_EachByteIsVisibleFrom0x21To0x7eWhereverItStands() public view {
        for (uint256 value = 0; value < 256; value++) {
            for (uint256 position = 0; position < 65; position += 8) {
                bytes memory text = _letters(65);
                text[position] = bytes1(uint8(value));
                vm.assertTrue(this.isVisible(string(text)) == (value >= 0x21 && value <= 0x7e));
            }
        }
    }

    function testFuzz_AnyTextIsJudgedByteByByte(bytes memory text) public view {
        vm.assertTrue(this.isVisible(string(text)) == _everyByteIsVisible(text));
    }

    function testFuzz_OneBadByteSpoilsAnyLength(uint256 length, uint256 position, uint8 value) public view {
        bytes memory text = _letters(bound(length, 1, 200));
        vm.assertTrue(this.isVisible(string(text)));
        text[bound(position, 0, text.length - 1)] = bytes1(value);
        vm.assertTrue(this.isVisible(string(text)) == (value >= 0x21 && value <= 0x7e));
    }

    function isVisible(string calldata text) external pure returns (bool) {
        return AsciiText.isVisible(text);
    }

    function _letters(uint256 length) private pure returns (bytes memory text) {
        text = new bytes(length);
        for (uint256 i = 0; i < length; i++) text[i] = "a";
    }

    function _everyByteIsVisible(bytes memory text) private pure returns (bool) {
        for (uint256 i = 0; i < text.length; i++) if (text[i] < 0x21 || text[i] > 0x7e) return false;
        return true;
    }
}
