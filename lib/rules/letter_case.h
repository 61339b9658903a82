// SPDX-License-Identifier: LGPL-3.0-or-later
// Upper and lower case of UTF-8, letter by letter (Unicode simple case mapping): ASCII, Latin-1,
// Latin Extended-A, the paired letters of Extended-B and Extended Additional (Romanian,
// Vietnamese), Greek with accents, Cyrillic. Other scripts, ß, and bytes that are not UTF-8 stay as
// they are. No locale. Pure and total.
#pragma once

#include <string>
#include <string_view>

namespace webhook::rules {

std::string UpperCase(std::string_view text);
std::string LowerCase(std::string_view text);

}  // namespace webhook::rules
