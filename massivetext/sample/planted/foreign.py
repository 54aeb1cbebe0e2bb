"""Texts in other languages, in sentences of our own: a corpus of English must not keep them."""

from massivetext.sample.material.articles import Article
from massivetext.sample.material.truth import Plant

_SENTENCES = {
    "fr": (
        "Le vieux pont de pierre traverse la rivière depuis plus de trois siècles.",
        "Chaque matin, la boulangère ouvre sa boutique avant le lever du soleil.",
        "Les enfants du village descendent la colline en courant vers l'école.",
        "Au printemps, les cerisiers du jardin se couvrent de fleurs blanches.",
        "Mon grand-père racontait souvent comment on pêchait autrefois dans le lac.",
        "Nous avons pris le train de nuit pour arriver à la mer avec la première lumière.",
        "La bibliothèque municipale prête aussi des outils et des graines aux habitants.",
        "Il faut laisser reposer la pâte pendant deux heures avant de la mettre au four.",
    ),
    "de": (
        "Die alte Mühle am Fluss mahlt noch immer das Korn der umliegenden Höfe.",
        "Im Herbst sammeln die Kinder Kastanien und trocknen sie auf der Fensterbank.",
        "Der Bäcker steht jeden Morgen um drei Uhr auf und heizt den großen Ofen.",
        "Unsere Nachbarin pflegt einen Garten, in dem über vierzig Kräuter wachsen.",
        "Mit dem Fahrrad braucht man bis zum nächsten Dorf eine gute halbe Stunde.",
        "Am Abend sitzen die Leute vor ihren Häusern und reden über das Wetter.",
        "Die Werkstatt repariert Uhren, die älter sind als die Menschen, die sie tragen.",
        "Nach dem langen Regen war der Weg durch den Wald kaum noch zu erkennen.",
    ),
    "es": (
        "El mercado de la plaza abre temprano y huele a pan, naranjas y café.",
        "Mi abuela guardaba las cartas en una caja de madera debajo de la cama.",
        "Los pescadores regresan al puerto cuando las campanas dan las siete.",
        "Durante el verano dormimos con las ventanas abiertas para oír el mar.",
        "El maestro enseñaba a leer con los periódicos que le prestaba el médico.",
        "Hay un camino entre los olivos que lleva hasta la ermita del cerro.",
        "La lluvia llegó tarde este año y los campos siguen de color amarillo.",
        "Cada domingo la banda del pueblo ensaya en el patio del ayuntamiento.",
    ),
    "it": (
        "La bottega del falegname si trova in fondo al vicolo, accanto alla fontana.",
        "D'inverno la nebbia copre la pianura e i treni arrivano sempre in ritardo.",
        "Mia zia prepara la marmellata con le albicocche raccolte nel cortile.",
        "Il maestro di musica suonava l'organo della chiesa ogni sabato sera.",
        "Dalla finestra della cucina si vedono le barche che tornano dalla pesca.",
        "Abbiamo camminato tutto il giorno lungo il sentiero che segue il torrente.",
        "I ragazzi giocano a pallone nella piazza finché qualcuno non li chiama a cena.",
        "Il vecchio orologio della torre segna l'ora sbagliata da molti anni.",
    ),
    "pt": (
        "A casa dos meus avós ficava no alto de uma ladeira coberta de hortênsias.",
        "O padeiro deixa os pães quentes na janela para quem passa de manhã cedo.",
        "Quando chove muito, o rio sobe depressa e a ponte fica fechada.",
        "As crianças aprenderam a nadar na lagoa antes de começar a escola.",
        "Não há nada melhor do que um café forte depois de uma longa viagem.",
        "O jardineiro plantou limoeiros ao longo do muro que dá para a estrada.",
        "Todas as noites o meu irmão lia em voz alta um capítulo do mesmo livro.",
        "A feira de sábado enche a rua principal de vozes, frutas e flores.",
    ),
    "nl": (
        "De oude molen staat aan de rand van het dorp, vlak naast het kanaal.",
        "In de winter schaatsen de kinderen na school tot het donker wordt.",
        "Mijn buurman repareert fietsen in een schuur vol gereedschap en verf.",
        "Elke zaterdag koopt zij op de markt brood, kaas en een bos tulpen.",
        "Het regende zo hard dat wij onder de brug moesten schuilen.",
        "De leraar vertelde hoe het water vroeger tot aan de kerk kwam.",
        "Wij hebben de hele middag langs het strand gelopen zonder iemand te zien.",
        "Op zolder vonden zij een doos met brieven van hun overgrootmoeder.",
    ),
    "ru": (
        "Старая библиотека стоит на берегу реки рядом с яблоневым садом.",
        "Каждое утро почтальон приносит газеты и рассказывает последние новости.",
        "Зимой дети катаются с горы до тех пор, пока не стемнеет.",
        "Моя бабушка хранила письма в деревянной шкатулке под окном.",
        "Поезд шёл всю ночь, и на рассвете мы увидели море.",
        "В мастерской пахло деревом, клеем и свежей краской.",
        "Осенью соседи вместе собирают урожай и варят варенье.",
        "После дождя дорога через лес стала совсем незаметной.",
    ),
    "ja": (
        "古い図書館は川のほとりにあり、隣には小さな公園があります。",
        "毎朝、パン屋の主人は日の出よりも早く店を開けます。",
        "冬になると、子どもたちは暗くなるまで雪の上で遊びます。",
        "祖母は手紙を木の箱に入れて、大切にしまっていました。",
        "夜行列車に乗って、夜明けに海の見える町に着きました。",
        "秋には近所の人たちが集まって、一緒に畑の収穫をします。",
        "雨の後、森の中の道はほとんど見えなくなっていました。",
        "日曜日の午後、広場では楽団の練習の音が聞こえます。",
    ),
}
LANGUAGES = tuple(_SENTENCES)


def foreign_article(language: str, number: int) -> Article:
    """Returns an article in a language of `LANGUAGES`; each number gives other paragraphs."""
    sentences = _SENTENCES[language]
    paragraphs = [
        " ".join(sentences[(start + stride * i) % len(sentences)] for i in range(4))
        for stride in (1, 3, 5)
        for start in (number, number + 3)
    ]
    plant = Plant("foreign", "dropped", ("language",))
    return Article(sentences[number % len(sentences)].rstrip(".。"), tuple(paragraphs), plant)
