// The shingles that the tests compare, as SHINGLES of harness.py has them.
#pragma once

#include "signature/shingles.hpp"

constexpr massivetext::ShingleRules kRules[] = {
    {13, true, false}, {13, false, false}, {8, true, true}, {5, false, true}};
