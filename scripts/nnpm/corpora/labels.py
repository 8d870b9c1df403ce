"""What the words in a list of recordings mean: synonyms and codes of the four classes, and of other emotions.

Case, accents, Unicode form, spaces, `_` and `-` do not count, so that Ärger, ARGER and aerger are one word. A word that
the tables lack is another emotion, unless it is close to a class's word: that is more likely a slip of the pen.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from nnpm import CLASSES
from nnpm.errors import InputError

#: What a word means if it is no class.
OTHER, UNKNOWN, UNLABELLED = "another emotion, left out", "unknown word, left out", "unlabelled"

_CLASSES = {
    "angry": """
        angry anger angriness angered angrily enraged mad madly furious fury rage wrath ang an
        ärger ärgerlich verärgert wut wütend zorn zornig rabbia arrabbiato arrabbiata rab collera colère en_colère fâché
        fâchée enojo enojado enojada enfado enfadado enfadada rabia ira raiva zangado zangada
        złość gniew zły zła rozgniewany viha vihane boos boosheid kwaad arg ilska vred sint sinne vihainen
        khashm khashmgin asabani asabaniat خشم عصبانی ghussa gussa ghusa غصہ غصه krodh गुस्सा राग রাগ
        öfke öfkeli kızgın kızgınlık sinirli гнев злость злой злая ярость раздражение злоба
        生气 愤怒 怒 生氣 憤怒 怒り いかり 怒る 분노 화남 화 غضب غاضب θυμός οργή harag düh dühös vztek hněv furie marah
        """,
    "happy": """
        happy happiness joy joyful joyous cheerful delighted delight gladness gladly happily hap ha exc
        freude fröhlich fröhlichkeit freudig glücklich glück gioia felice felicità gio allegria allegro allegra joie
        joyeux joyeuse heureux heureuse felicidad feliz alegría alegre felicidade alegria
        radość radosny radosna szczęście szczęśliwy szczęśliwa wesoły wesoła rõõm rõõmus rõõmsameelne
        blij blijdschap vrolijk vrolijkheid glad glädje glade lykkelig ilo iloinen
        shadi shad khoshhal khoshhali شادی خوشحال khushi khush خوشی خوش खुशी खुश সুখ খুশি
        mutlu mutluluk neşe neşeli sevinç радость радостный радостная счастье счастливый счастливая весёлый веселье
        高兴 开心 快乐 喜悦 喜 高興 開心 快樂 喜び 喜ぶ 嬉しい 幸せ 기쁨 행복 سعادة فرح سعيد χαρά
        öröm boldog radost štěstí bucurie senang gembira bahagia
        """,
    "sad": """
        sad sadness sadly saddened sorrow sorrowful unhappy unhappiness unhappily grief sa
        malheureux malheureuse malheur infelice infelicità infeliz infelicidad infelicidade unglücklich unglück
        triest ulykkelig nieszczęście nieszczęśliwy nieszczęśliwa несчастье несчастливый neštěstí
        trauer traurig traurigkeit tristezza triste tri tristesse tristeza tristesa
        smutek smutny smutna kurb kurbus verdriet verdrietig droevig droefheid ledsen sorg sorgsen ked_af_det suru
        surullinen gham ghamgin ghamgini narahat ناراحت غم غمگین udaas udas udasi udaasi اداس dukh दुख उदास দুঃখ
        üzgün üzüntü hüzün hüzünlü mutsuz грусть грустный грустная печаль печальный печальная
        悲伤 伤心 难过 悲 悲傷 傷心 難過 悲しみ 悲しい 哀しみ 哀 슬픔 حزن حزين λύπη θλίψη szomorú smutný tristeţe sedih
        """,
    "neutral": """
        neutral neutrality neu ne no_emotion emotionless unemotional neutralität neutrale neutro neutra
        neutralità neutre neutralité neutralidad neutralidade neutralny neutralna neutralne neutralność obojętność
        neutraalne neutraal neutraali neutrum neutralt khonsa خنثی bitaraf ghair_janibdar tatasth
        nötr tarafsız нейтральный нейтральная нейтрально нейтральность
        中性 中立 平常 ニュートラル 중립 무감정 محايد ουδέτερο ουδετερότητα semleges neutrální netral
        """,
}
_OTHERS = """
    fear fearful afraid scared fright terror anxiety anxious worried worry panic fea fe angst furcht ängstlich
    paura pau peur miedo temor medo strach lęk hirm ترس tars khauf dar korku страх испуг 害怕
    恐惧 恐懼 恐怖 怖い 공포 خوف
    φόβος disgust disgusted dis di ekel disgusto dégoût asco nojo wstręt vastikus نفرت nafrat kirahat tiksinti
    iğrenme отвращение 厌恶
    厭惡 嫌悪 혐오 αηδία ghin surprise surprised pleasant_surprise pleasantly_surprised ps su
    sur sor astonishment überraschung überrascht sorpresa surprise étonnement surpresa zaskoczenie üllatus تعجب
    tajjob heyrat şaşkınlık şaşırma удивление 惊讶 吃惊 驚訝 驚き 놀람 boredom boredem bored bor langeweile gelangweilt
    noia ennui aburrimiento tédio nuda znudzenie скука 无聊 calm calmness relaxed ruhig calma sakin huzur
    спокойствие 平静 contempt con verachtung disprezzo mépris desprecio desprezo pogarda презрение 轻蔑 excited
    excitement enthusiasm enthusiastic энтузиазм frustrated frustration fru amused amusement sleepy sleepiness
    sarcastic sarcasm ironic irony tired stressed stress confused confusion interest interested pride proud
    shame guilt guilty embarrassed hope hopeful relief relieved desire admiration jealousy jealous love
    tenderness gratitude nervous concerned apologetic assertive encouraging confident poker pain pleasure
    madness insanity irritated irritation annoyed annoyance danger curious curiosity emotional emotion
    disappointed disappointment disapproval hot_anger cold_anger despair elation hostile laughter laugh scream
    cry crying breath whisper shout trust anticipation other oth others mixed xxx no_agreement ambiguous
    undecided disagreement sonstige altro autre otro outro другое 其他
"""
_UNLABELLED = "nan none null n/a na unlabelled unlabeled unlabelled_emotion no_label unknown unk ? ??? - -- tbd todo"

#: Systems of single letters. Letters mean other things elsewhere (A anger or Angst, S sad or surprise), so a system is
#: used only if it explains all the letters of a list, with those that it alone has (`_MARKS`).
_LETTERS: dict[str, dict[str, str]] = {
    "English": {"A": "angry", "H": "happy", "S": "sad", "N": "neutral"} | dict.fromkeys("FDCUOXEB", OTHER),
    "German": {"W": "angry", "F": "happy", "T": "sad", "N": "neutral"} | dict.fromkeys("LEA", OTHER),
    "French": {"C": "angry", "J": "happy", "T": "sad", "N": "neutral"} | dict.fromkeys("PDS", OTHER),
}
_MARKS = {"English": {"A", "H"}, "German": {"W", "F"}, "French": {"C", "J"}}

_ID = re.compile(r"([-+]?)(\d+)(?:\.0+)?")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "_": " ", "-": " "})
_SHORTEST = 4  # letters: shorter words are too often close to another by chance
_CLOSE, _SAME_LETTERS = 0.85, 0.8  # of 1: how alike a slip is to the word, and one with letters in another order


def key(word: str) -> str:
    """The word without case, accents, Unicode form, spaces, `_` and `-`; a number as an id, 01 as 1."""
    text = word.strip()
    if number := _ID.fullmatch(text):
        digits = "".join(str(int(digit)) for digit in number[2]).lstrip("0")
        return f"{number[1].rstrip('+')}{digits}" if digits else "0"
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.split()) or text


def _keys(words: str) -> Iterable[str]:
    for word in words.split():
        yield key(word)
        yield key(unicodedata.normalize("NFC", word.casefold()).translate(_UMLAUTS))


_TABLE: dict[str, str] = {
    **dict.fromkeys(_keys(_OTHERS), OTHER),
    **dict.fromkeys(_keys(_UNLABELLED), UNLABELLED),
    **{each: label for label, words in _CLASSES.items() for each in _keys(words)},
}
#: Words that mean something else without their accents: only with them they are the class.
_ACCENTED = {"rõõm": "happy"}
for _word in _ACCENTED:
    del _TABLE[key(_word)]
_NEAR = [each for each, meaning in _TABLE.items() if meaning in CLASSES and len(each) >= _SHORTEST]


def meaning(word: str) -> str:
    """A class, `OTHER`, `UNLABELLED` or, for a word that the tables lack, `UNKNOWN`."""
    exact = _ACCENTED.get(unicodedata.normalize("NFC", word.strip().casefold()))
    return exact or (_TABLE.get(key(word), UNKNOWN) if word.strip() else UNLABELLED)


def meanings(words: Collection[str]) -> dict[str, str]:
    """The meaning of each word; single letters are read together, as they belong to one system or say nothing."""
    letters = _letters([word for word in words if _is_letter(key(word))])
    return {word: letters.get(key(word)) or meaning(word) for word in words}


def said(word: str, given: Mapping[str, str]) -> str:
    """What a list's own map of codes to words says for a word of the list; the word itself if it says nothing."""
    if word in given:  # "s" and "S" may be two codes
        return given[word]
    return next((meant for code, meant in given.items() if key(code) == key(word)), word)


def read(
    words: Mapping[str, str],
    chosen: Mapping[str, str | None] | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The meaning of each word of a list: a class, `OTHER`, `UNKNOWN` or `UNLABELLED`.

    `words` maps each word to the place where it stands first, for messages. `chosen` is the user's own map, of words or
    numbers to classes, None to leave them out; it has priority. `given` is a map that came with the list, of its codes
    to words; the user may name either.
    Raises `InputError` for numbers, letters that may mean several emotions, and a word close to a class's.
    """
    own = {key(str(word)): label for word, label in (chosen or {}).items()}
    found, open_words = dict[str, str](), dict[str, str]()
    for word in words:
        text = said(word, given or {})
        name = next((each for each in (key(word), key(text)) if each and each in own), None)
        if name is None:
            open_words[word] = text
        else:
            found[word] = own[name] or OTHER
    known = meanings(open_words.values())
    for word, text in open_words.items():
        found[word] = known[text]
        if found[word] == UNKNOWN:
            _refuse_unclear(text, words[word])
    return found


def _letters(words: Collection[str]) -> dict[str, str]:
    """The meaning of single letters, if exactly one system explains all of them; others are left to the tables."""
    here = {key(word).upper() for word in words}
    fitting = [name for name, letters in _LETTERS.items() if _MARKS[name] <= here <= letters.keys()]
    if len(fitting) != 1:
        return {}
    return {letter.casefold(): label for letter, label in _LETTERS[fitting[0]].items()}


def _is_letter(short: str) -> bool:
    return len(short) == 1 and short.isascii() and short.isalpha()


def _refuse_unclear(word: str, where: str) -> None:
    """Raise `InputError` if an unknown word is a number or a single letter, or close to a word of a class."""
    short = key(word)
    if _ID.fullmatch(short) or _is_letter(short):
        raise InputError(
            f"{where}: label {word!r} does not say which emotion it is; give the list's entry in manifests "
            f"labels: {{{word}: angry, ...}}, for every {'number' if short[-1].isdigit() else 'letter'}"
        )
    if close := _close(short):
        label = _TABLE[close]
        meant = close if close == label else f"{close} ({label})"
        raise InputError(
            f"{where}: label {word!r}: did you mean {meant}? correct it, or give the list's entry in manifests "
            f"labels: {{{word}: {label}}}, or null to leave it out"
        )


def _close(short: str) -> str | None:
    """The word of a class that a slip of the pen may have changed into this one."""
    if len(short) < _SHORTEST:
        return None
    swapped = [word for word in _NEAR if sorted(word) == sorted(short)]
    found = difflib.get_close_matches(short, swapped, n=1, cutoff=_SAME_LETTERS)
    return next(iter(found or difflib.get_close_matches(short, _NEAR, n=1, cutoff=_CLOSE)), None)
