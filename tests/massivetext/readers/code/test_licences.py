import pytest

from massivetext.paper import GITHUB_LICENCES
from massivetext.readers.code.licences import licence_id

SPELLINGS = {
    "apache-2.0": [
        "Apache-2.0", "Apache License 2.0", "Apache License, Version 2.0", "Apache 2", "APACHE2",
        "https://spdx.org/licenses/Apache-2.0.html",
        "http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0/MIT", "GPL-2.0 / Apache-2.0",
        "Apache-2.0 WITH LLVM-exception", "(Apache-2.0 WITH LLVM-exception) OR GPL-2.0",
        "Apache-2.0 WITH LLVM-exception AND MIT", "http://opensource.org/licenses/apache2.0.php",
    ],
    "mit": [
        "MIT", "MIT License", "The MIT License (MIT)", " mit\n", "Expat", "MIT OR GPL-2.0",
        "(GPL-2.0-only OR MIT)", "https://opensource.org/licenses/MIT", "MIT AND Apache-2.0",
        "MIT/X11", "MIT/Apache-2.0", "SPDX-License-Identifier: MIT",
        "MIT OR (Apache-2.0 AND GPL-2.0)", "MIT OR GPL-2.0 AND ISC", "GPL-2.0 AND ISC OR MIT",
        "(MIT OR Apache-2.0) AND ISC", "((MIT))", "(GPL-2.0 OR (LGPL-2.1 OR (MIT AND ISC)))",
        "MIT License (MIT) OR GPL-2.0", "GPL-2.0 OR The MIT License (MIT)",
        "http://opensource.org/licenses/mit-license.php", "MIT WITH Classpath-exception-2.0",
        "License :: OSI Approved :: MIT License",
    ],
    "bsd-3-clause": [
        "BSD-3-Clause", 'BSD 3-Clause "New" or "Revised" License', "New BSD License",
        "3-Clause BSD License", "BSD3",
    ],
    "bsd-2-clause": [
        "BSD-2-Clause", 'BSD 2-Clause "Simplified" License', "Simplified BSD",
        "BSD-2-Clause-FreeBSD", "BSD-2-Clause-NetBSD", "FreeBSD License",
    ],
    "unlicense": ["Unlicense", "The Unlicense", "UNLICENSE"],
    "cc0-1.0": ["CC0-1.0", "CC0", "Creative Commons Zero v1.0 Universal", "CC0 1.0 Universal"],
    "isc": ["ISC", "ISC License", "ISC License (ISC)", "ISC License (ISCL)"],
    "artistic-2.0": ["Artistic-2.0", "Artistic License 2.0"],
}  # fmt: skip
OTHERS = [
    "", "GPL-2.0", "MIT-0", "BSD-3-Clause-Clear", "BSD-4-Clause", "Apache-1.1",
    "Artistic-1.0", "BSD",
    "CC-BY-4.0", "MIT AND GPL-3.0", "permitted", "LGPL-2.1",
    "MIT OR", "AND", "mit mit mit", "Apache-2.0+x", "Public Domain", "(MIT OR GPL-2.0) AND GPL-3.0",
    "MIT AND (GPL-2.0 OR LGPL-2.1)", "()", "(", "MIT WITH",
    "(MIT) (ISC)", "MIT ISC", "GPL-2.0 WITH MIT",
    "GPL-2.0/LGPL-2.1",
    "http://www.apache.org/licenses/LICENSE-1.1", "https://example.org/mit/apache-2.0-like",
    "MIT/ISC AND GPL-2.0",
]  # fmt: skip


@pytest.mark.parametrize("licence", SPELLINGS)
def test_spellings(licence):
    assert set(SPELLINGS) == set(GITHUB_LICENCES)
    assert {name: licence_id(name) for name in (licence, *SPELLINGS[licence])} == dict.fromkeys(
        (licence, *SPELLINGS[licence]), licence
    )


@pytest.mark.parametrize("name", OTHERS)
def test_other_licences_stay_what_they_are(name):
    assert licence_id(name) == name.lower()


def test_lists_hold_together_and_texts_are_no_names():
    assert licence_id(["ISC", "MIT"]) == "isc"
    assert licence_id(["ISC", "GPL-2.0"]) == "isc and gpl-2.0"
    assert licence_id("mit " * 1_000) == ""
