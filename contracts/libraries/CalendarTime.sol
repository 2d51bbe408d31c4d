// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Dates of certificates and collateral as seconds since 1970
library CalendarTime {
    error CalendarTimeInvalid(uint256 pos);

    /// @notice "YYMMDDhhmmssZ" (years 1970 to 2049) or "YYYYMMDDhhmmssZ", as DER has them.
    function der(bytes memory text, uint256 from, uint256 to) internal pure returns (uint40) {
        uint256 yearDigits = to - from == 13 ? 2 : 4;
        if (to - from != 11 + yearDigits || text[to - 1] != "Z") revert CalendarTimeInvalid(from);
        uint256 year = _digits(text, from, yearDigits);
        if (yearDigits == 2) year += year < 50 ? 2000 : 1900;
        uint256 pos = from + yearDigits;
        uint256 day = _day(from, year, _digits(text, pos, 2), _digits(text, pos + 2, 2));
        return uint40(day * 1 days + _clock(text, pos + 4, pos + 6, pos + 8));
    }

    /// @notice "YYYY-MM-DDThh:mm:ssZ", as JSON has them.
    function iso8601(bytes memory text, uint256 from, uint256 to) internal pure returns (uint40) {
        if (to - from != 20) revert CalendarTimeInvalid(from);
        bool separated =
            text[from + 4] == "-" &&
                text[from + 7] == "-" &&
                text[from + 10] == "T" &&
                text[from + 13] == ":" &&
                text[from + 16] == ":" &&
                text[from + 19] == "Z";
        if (!separated) revert CalendarTimeInvalid(from);
        uint256 year = _digits(text, from, 4);
        uint256 day = _day(from, year, _digits(text, from + 5, 2), _digits(text, from + 8, 2));
        return uint40(day * 1 days + _clock(text, from + 11, from + 14, from + 17));
    }

    function _clock(bytes memory text, uint256 hour, uint256 minute, uint256 second) private pure returns (uint256) {
        uint256 hours_ = _digits(text, hour, 2);
        uint256 minutes_ = _digits(text, minute, 2);
        uint256 seconds_ = _digits(text, second, 2);
        if (hours_ > 23 || minutes_ > 59 || seconds_ > 59) revert CalendarTimeInvalid(hour);
        return hours_ * 1 hours + minutes_ * 1 minutes + seconds_;
    }

    /// @dev Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the leap day comes last.
    function _day(uint256 from, uint256 year, uint256 month, uint256 day) private pure returns (uint256) {
        if (year < 1970 || month < 1 || month > 12 || day < 1 || day > _daysIn(year, month))
            revert CalendarTimeInvalid(from);
        unchecked {
            if (month < 3) --year;
            uint256 sinceMarch = (month + 9) % 12;
            return year * 365 + year / 4 - year / 100 + year / 400 + (sinceMarch * 153 + 2) / 5 + day - 719_469;
        }
    }

    function _daysIn(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    function _digits(bytes memory text, uint256 pos, uint256 count) private pure returns (uint256 value) {
        for (uint256 i = pos; i < pos + count; ++i) {
            bytes1 digit = text[i];
            if (digit < "0" || digit > "9") revert CalendarTimeInvalid(i);
            value = value * 10 + uint8(digit) - 48;
        }
    }
}
