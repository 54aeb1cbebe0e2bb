import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.markup.mathml import MAX_CHARACTERS, dollars, mathml_tex

FORMULAS = {
    "<mn>1.3</mn>": "$1.3$",
    "<mi>a</mi><mo>=</mo><msup><mi>b</mi><mn>2</mn></msup>": "$a=b^{2}$",
    "<msub><mi>x</mi><mi>i</mi></msub>": "$x_{i}$",
    "<munderover><mo>∑</mo><mn>0</mn><mi>n</mi></munderover>": "$∑_{0}^{n}$",
    "<mfrac><mn>1</mn><mrow><mi>x</mi><mo>+</mo><mn>2</mn></mrow></mfrac>": r"$\frac{1}{x+2}$",
    "<msqrt><mi>x</mi></msqrt><mroot><mi>y</mi><mn>3</mn></mroot>": r"$\sqrt{x}\sqrt[3]{y}$",
    "<mtext>if</mtext><mi>x</mi><mo>&lt;</mo><mi>sin</mi><mn>2</mn>": "$if x<sin 2$",
    "<mtable><mtr><mtd>a</mtd><mtd>b</mtd></mtr><mtr><mtd>c</mtd></mtr></mtable>": r"$a & b \\ c$",
    "<m:math><m:mi>x</m:mi></m:math>": "$x$",
    "<math alttext='E=mc^2'><mi>E</mi></math>": "$E=mc^2$",
    '<math alttext=""><mi>E</mi></math>': "$E$",
    "<mi>x</mi><annotation encoding='application/x-tex'>x &lt; y</annotation>": "$x < y$",
    "<semantics><mi>x</mi><annotation encoding='x'>?</annotation></semantics>": "$x$",
    "<mphantom><mi>x</mi></mphantom>": "",
    "": "",
}


@pytest.mark.parametrize("markup", FORMULAS)
def test_each_kind_of_formula(markup: str) -> None:
    whole = markup if markup.startswith(("<math", "<m:")) else f"<math>{markup}</math>"
    assert mathml_tex(whole) == FORMULAS[markup]


def test_formulas_beyond_the_bounds_are_their_text() -> None:
    assert (
        mathml_tex("<math><mi>" + "x" * MAX_CHARACTERS + "</mi></math>")[1:-1]
        == "x" * MAX_CHARACTERS
    )
    assert mathml_tex("<math>" + "<mrow>" * 5_000 + "x") in ("", "$x$")


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"{\displaystyle x}", "$x$"), (r"\(x\)", "$x$"), ("$$x$$", "$x$"), (r"\[ x \]", "$x$"),
        (" a\n b ", "$a b$"), ("", ""), ("$", "$$$"),
    ],
)  # fmt: skip
def test_delimiters(tex: str, expected: str) -> None:
    assert dollars(tex) == expected


@given(
    st.lists(
        st.sampled_from(
            ["<math", ">", "<mi>", "</mi>", "<msup>", "x", "&", "<", "'", '"', " alttext="]
        )
    )
)
def test_no_markup_raises(parts: list[str]) -> None:
    assert isinstance(mathml_tex("<math>" + "".join(parts)), str)
