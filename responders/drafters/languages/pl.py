"""Polish. Written so that nobody's gender is needed: infinitives and impersonal forms instead of "otrzymałeś/aś"."""

from responders.drafters.pack import Durations, Pack, Topic

TOPICS = (
    Topic("danger", ("coś, co pęka tak blisko ludzi", "rzecz, która może zrobić krzywdę", "coś, co nie jest bezpieczne"),
          (r"(?:szyb|szkł|piekarnik|bateri|ładowark|telefon|butelk|czajnik|toster|garnek|kuchenk)\w*[^.!?]{0,25}(?:pękł|wybuch|rozprys|zapali|spali|dymi|eksplod)\w*", r"wybuchł\w*", r"zapalił\w* się", r"poparz\w*", r"poraził\w*|porażen\w*", r"zrani\w*|skaleczy\w*")),
    Topic("sick", ("jedzenie, po którym ktoś choruje", "choroba po posiłku", "coś na talerzu, czego nie miało prawa tam być"),
          (r"zatru\w*", r"(?:pochorowa|wymiot|alergi|uczulen)\w*", r"(?:pleśń|włos|robak|szkło|plastik|metal) w (?:\w+ )?(?:jedzeni|zupie|sałat|kanapc|pizzy|chleb|mięs)\w*")),
    Topic("double_charge", ("podwójne obciążenie", "płacenie dwa razy za to samo", "podwójnie pobrana opłata", "ta sama opłata pobrana dwukrotnie"),
          (r"(?:pobra|obciąż|zapłaci|ściągn|nalicz|skasowa)\w*[^.!?]{0,30}(?:dwa razy|dwukrotnie|podwójnie|2 razy|2x|drugi raz)", r"(?:dwa razy|dwukrotnie|podwójn\w+)[^.!?]{0,25}(?:pobra|obciąż|opłat|płatno|zapłaci|ściągn|nalicz|skasowa)\w*")),
    Topic("refund", ("czekanie na własne pieniądze", "zwrot, który nie przychodzi", "upominanie się o zwrot", "pieniądze, które dawno powinny wrócić"),
          (r"zwrot\w* (?:pieni|środk|kasy|kwoty|płatno)\w*", r"zwrot\w*", r"oddajcie (?:\w+ )?(?:pieni|kas)\w*", r"zwróć\w*")),
    Topic("overcharge", ("opłata, której nikt się nie spodziewał", "rachunek, który się nie zgadza", "wyższa kwota, niż było umówione"),
          (r"ukryt\w+ (?:opłat|koszt)\w*", r"zawyżon\w*", r"dodatkow\w+ (?:opłat|koszt)\w*", r"(?:faktur|rachun|opłat|kwot)\w*[^.!?]{0,25}(?:za wysok|nie zgadza|błędn|zła|zły|bez zgody)\w*")),
    Topic("damaged", ("uszkodzona przesyłka", "paczka, która dociera w kawałkach", "coś, co dociera zniszczone"),
          (r"(?:paczk|przesyłk|kartonu?|towar|pudełk)\w*[^.!?]{0,30}(?:uszkodz|zniszcz|zgniec|rozbit|otwart|rozerwan|w kawałkach|połaman)\w*", r"(?:uszkodz|zniszcz|rozbit|połaman)\w* (?:\w+ )?(?:paczk|przesyłk|towar)\w*")),
    Topic("wrong_item", ("nie to, co było zamówione", "zamówienie, które się nie zgadza", "zamówienie, w którym czegoś brakuje"),
          (r"nie to,? (?:co|który|która|które) (?:\w+ )?zam[oó]w\w*", r"(?:zły|zła|złe|inny|inna|inne|błędn\w+) (?:rozmiar|kolor|produkt|towar|zamówieni|model|danie|adres|pizz)\w*", r"(?:brak|brakuje|brakowało|zabrakło)\w* (?:\w+ )?(?:części|produkt|napoj|element|połow|jedn|sos|przedmiot)\w*")),
    Topic("not_delivered", ("paczka, która nie dociera", "zamówienie, którego nie ma", "przesyłka, o której nic nie wiadomo", "czekanie na paczkę, która nie przychodzi"),
          (r"nie (?:dotar|doszł|dosz|przysz|dojecha|przyjecha|dostarcz|otrzyma|dosta)\w*", r"(?:paczk|przesyłk|zamówieni|kurier|bagaż|walizk)\w*[^.!?]{0,25}(?:spóźni|opóźni|zgin|zagin|zgub|nie ma|utkn)\w*", r"(?:zgub|zagin|opóźni)\w* (?:\w+ )?(?:paczk|przesyłk|zamówieni|bagaż|walizk)\w*", r"gdzie (?:jest )?(?:moja|moje|mój) (?:paczk|zamówieni|przesyłk|bagaż)\w*")),
    Topic("delayed", ("czekanie bez słowa, kiedy ruszymy dalej", "takie opóźnienie w podróży", "stanie na peronie czy lotnisku bez informacji"),
          (r"(?:lot|samolot|pociąg|autobus|odlot|rejs)\w*[^.!?]{0,30}(?:opóźni|odwoł|spóźni|anulow)\w*", r"(?:opóźnion|odwołan|spóźnion)\w* (?:\w+ )?(?:lot|samolot|pociąg|autobus|rejs)\w*", r"(?:utkn|koczuj|siedzim|stoim)\w* na (?:lotnisku|dworcu|peronie)")),
    Topic("app", ("aplikacja, która nie działa", "aplikacja, która zawodzi", "utknięcie na naszej aplikacji", "aplikacja, która bardziej przeszkadza, niż pomaga"),
          (r"(?:aplikacj|apk|appk)\w*[^.!?]{0,40}(?:nie|zawiesz|wysyp|wyłącz|błąd|błęd|wolno|crash|muli|tnie|aktualizacj)\w*", r"(?:zawiesz|wysyp|błąd|aktualizacj)\w*[^.!?]{0,25}(?:aplikacj|apk)\w*", r"stron\w*[^.!?]{0,25}(?:nie działa|nie otwiera|nie ładuje|błąd|leży|padł)\w*")),
    Topic("login", ("brak dostępu do własnego konta", "konto, które pozostaje zamknięte", "zamknięte drzwi do własnego konta"),
          (r"(?:nie mog\w+|nie da się|nie można) (?:się )?(?:zalogowa|wejść|dosta)\w*", r"(?:kont|hasł|logowani)\w*[^.!?]{0,25}(?:zablokow|nie działa|zawiesz|blokad|zresetow)\w*", r"zablokow\w* (?:\w+ )?kont\w*")),
    Topic("outage", ("odcięcie od sieci", "usługa, której nie ma, gdy jest potrzebna", "siedzenie bez łączności", "łącze, które znika"),
          (r"(?:brak|nie ma|bez) (?:\w+ )?(?:internet|zasięg|prąd|sygnał|sieci|wifi|ciepłej wody|łącz)\w*", r"(?:internet|sieć|zasięg|wifi|łącze|prąd)\w*[^.!?]{0,25}(?:nie działa|pada|padł|zrywa|wolny|zanik|nie ma)\w*", r"awari\w*")),
    Topic("cancel", ("walka o zwykłe wypowiedzenie", "rezygnacja, której nie da się złożyć", "utrudnione odejście"),
          (r"(?:wypowiedz|rezygn|anulow|rozwiąz)\w*[^.!?]{0,25}(?:umow|subskrypcj|abonament|konto|kont)\w*", r"(?:umow|subskrypcj|abonament)\w*[^.!?]{0,25}(?:wypowiedz|rezygn|anulow|rozwiąz)\w*")),
    Topic("rude", ("taka rozmowa", "brak szacunku w rozmowie", "rozmowa, po której czuje się tylko złość"),
          (r"niemił\w*|nieuprzejm\w*|chamsk\w*|arogan\w*|bezczeln\w*|opryskliw\w*", r"(?:nakrzycz|wrzeszcz|krzycz|rozłączy\w* się|wyśmia)\w*")),
    Topic("no_answer", ("brak odpowiedzi", "pisanie do nas bez odpowiedzi", "cisza zamiast pomocy", "dobijanie się o zwykłą odpowiedź"),
          (r"(?:brak|bez|żadnej|zero) (?:\w+ )?(?:odpowiedzi|reakcji|odzewu|kontaktu|odpow)\w*", r"(?:nikt|nie) (?:\w+ ){0,2}(?:odpowiada|odpowiedzia|odpisa|odpisuj|odbiera|oddzwoni|reaguj)\w*", r"(?:ignoruj|zignorowa|olewa)\w*", r"na infolinii\b[^.!?]{0,20}(?:czek|wisz|godzin|minut)\w*")),
    Topic("broken", ("rzecz, która nie działa tak, jak powinna", "coś, co zawodzi", "coś, co się psuje, gdy jest potrzebne", "sprzęt, na którym nie można polegać"),
          (r"(?:zepsu|popsu|uszkodz|wadliw|pęk[łn]|przecieka|cieknie|padł|rozpad|rozlecia)\w*", r"(?:nie|przestał\w*) (?:działa|ładuj|włącz|grzej|chłodzi)\w*", r"do niczego")),
    Topic("quality", ("taki posiłek", "jedzenie, którego sami nie podalibyśmy gościom", "jedzenie w takim stanie"),
          (r"(?:jedzeni|pizz|burger|kaw|zup|frytk|obiad|danie|kolacj|posiłek)\w*[^.!?]{0,25}(?:zimn|stęchł|surow|spalon|obrzydliw|niesmaczn|okropn|nieśwież|niejadaln)\w*", r"(?:zimn|surow|spalon|zepsut|nieśwież|spleśnia|przetermin)\w* (?:\w+ )?(?:jedzeni|pizz|burger|kaw|frytk|obiad|mięs|chleb|mlek)\w*")),
    Topic("dirty", ("miejsce, w którym nie jest czysto", "brudny pokój", "brud tam, gdzie ma być czysto"), (r"brud\w*|syf\w*|plam\w*|karaluch\w*|pluskw\w*|śmierdz\w*",)),
    Topic("leak", ("dane w niepowołanych rękach", "strach o własne dane", "niepewność, kto widzi czyjeś dane"), (r"wyciek\w*|rodo|dan\w+ osobow\w*|cudz\w+ dan\w*|moje dane",)),
    Topic("delivery", ("kłopot z dostawą", "dostawa, która nie poszła, jak powinna")),
    Topic("delay", ("takie czekanie", "zwlekanie ponad miarę")),
    Topic("product", ("rzecz, która rozczarowuje", "coś, co nie jest takie, jak być powinno")),
    Topic("billing", ("rachunek, który budzi wątpliwości", "kłopot z pieniędzmi")),
    Topic("staff", ("takie potraktowanie", "pomoc, która nie pomaga")),
    Topic("website", ("strona, która nie działa", "utknięcie na naszej stronie")),
    Topic("cancellation", ("kłopot z rezygnacją", "rezygnacja, która się ciągnie")),
    Topic("lost", ("czyjaś własność, która przepada", "zguba, której nikt nie umie wskazać")),
    Topic("safety", ("coś, co nie jest bezpieczne", "obawa o bezpieczeństwo")),
)  # fmt: skip

ABOUT = (
    (r"piekarnik\w*", "o piekarniku"), (r"lodówk\w*", "o lodówce"), (r"pralk\w*", "o pralce"), (r"telefon\w*|smartfon\w*", "o telefonie"), (r"laptop\w*|komputer\w*", "o komputerze"),
    (r"but(?:y|ów|ach)\b", "o butach"), (r"lot(?:u|em|y)?\b|samolot\w*|lotnisk\w*", "o locie"), (r"pociąg\w*", "o pociągu"), (r"hotel\w*|pok[oó]j\w*", "o pokoju"), (r"aplikacj\w*|apk\w*", "o aplikacji"),
    (r"stron[aęyi]e?\b", "o stronie"), (r"paczk\w*|przesyłk\w*|dostaw\w*", "o przesyłce"), (r"zamówieni\w*", "o zamówieniu"), (r"rachun\w*|faktur\w*", "o rachunku"), (r"cen[aąęy]?\b|drog\w*", "o cenie"),
    (r"jedzeni\w*|kaw[aęy]\b|pizz\w*|obiad\w*", "o jedzeniu"), (r"sklep\w*|salon\w*", "o sklepie"), (r"infolini\w*|obsług\w*|konsultant\w*", "o naszej obsłudze"), (r"umow\w*|abonament\w*|subskrypcj\w*", "o umowie"), (r"sam[oó]ch[oó]d\w*|auto\b|auta\b", "o samochodzie"),
)  # fmt: skip


def _form(number: int) -> int:
    """Choose dzień, dni (2 to 4, 22 to 24, ...) or dni (the rest)."""
    if number == 1:
        return 0
    return 1 if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else 2


DURATIONS = Durations(
    units={"minute": r"min(?:ut\w*)?", "hour": r"godzin\w*|godz", "day": r"dni(?:a|ami|ach)?|dzień|doby|dób", "week": r"tygodni\w*|tydzień|tyg", "month": r"miesi\w*", "year": r"lat\w*|rok\w*"},
    forms={"minute": ("{n} minuta", "{n} minuty", "{n} minut"), "hour": ("{n} godzina", "{n} godziny", "{n} godzin"), "day": ("{n} dzień", "{n} dni", "{n} dni"), "week": ("{n} tydzień", "{n} tygodnie", "{n} tygodni"), "month": ("{n} miesiąc", "{n} miesiące", "{n} miesięcy"), "year": ("{n} rok", "{n} lata", "{n} lat")},
    form=_form,
    numbers={"jeden": 1, "jednego": 1, "dwa": 2, "dwie": 2, "dwóch": 2, "trzy": 3, "trzech": 3, "cztery": 4, "czterech": 4, "pięć": 5, "pięciu": 5, "sześć": 6, "sześciu": 6, "siedem": 7, "osiem": 8, "dziewięć": 9, "dziesięć": 10},
    before=r"(?:od|czek\w*|już|przez|ponad|prawie|mija|minęł\w*|trwa|spóźni\w*|opóźni\w*)",
    after=r"(?:czeka\w*|bez|opóźnieni\w*|spóźnieni\w*|ciszy|i nic|i dalej|i nadal|zwłoki|temu i)",
    since=r"\bod (?:zeszłego |ubiegłego )?(?:poniedziałku|wtorku|środy|czwartku|piątku|soboty|niedzieli|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|wczoraj|świąt|zeszłego tygodnia)\b",
    fixed={r"tygodnia|(?<![iy] )tydzień": (1, "week"), r"miesiąca|(?<![iy] )miesiąc": (1, "month"), r"roku|(?<![iy] )rok": (1, "year")},
)  # fmt: skip

LINES = {
    "ack": (
        "{Thing} – tak u nas być nie może.", "{Thing}: to nie w porządku.", "{Thing} to nie jest coś, czego można się po nas spodziewać.", "Nikogo nie powinno to spotykać: {thing}.",
        "{Thing} – nas też by to zezłościło.", "To, co [opisujesz|Państwo opisują], czyli {thing}, nie powinno się zdarzać.", "Nie po to się do nas przychodzi: {thing}.", "{Thing} to coś, czego sami nie chcielibyśmy przeżyć.",
        "Trudno to czytać spokojnie: {thing}.", "Każde słowo do nas dotarło. {Thing} to nie drobiazg.",
    ),
    "ack_about": (
        "Czytamy każde słowo z tego, co [piszesz|Państwo piszą] {about}.", "To, co [piszesz|piszą Państwo] {about}, nie powinno tak wyglądać.", "Nie powinno być potrzeby, by pisać {about} w ten sposób.", "Słowa {about} do nas dotarły, i to wyraźnie.",
        "Po tym, co czytamy {about}, należy się prosta odpowiedź.", "To, co przeczytaliśmy {about}, nie jest w porządku.", "Słyszymy, co [mówisz|Państwo mówią] {about}.", "Wiadomość {about} nie zginie wśród innych.",
    ),
    "ack_plain": (
        "Czytamy każde słowo tego wpisu.", "To, co [opisujesz|Państwo opisują], nie powinno się u nas zdarzać.", "Nie powinno być potrzeby, by coś takiego pisać.", "Te słowa do nas dotarły, i to wyraźnie.",
        "Po takim wpisie należy się prosta odpowiedź, nie formułka.", "Można było spodziewać się po nas więcej, i słusznie.", "Nie tak chcemy być pamiętani.", "Ten wpis nie zginie wśród innych.",
    ),
    "long": ("{span} to zdecydowanie za długo.", "{span} czekania to za dużo.", "A czekanie ({span}) tylko pogarsza sprawę.", "{span}: nikt nie powinien tyle czekać.", "{span} – tego czasu nikt nie odda."),
    "since": ("I trwa to {since}.", "To, że trwa to {since}, tylko pogarsza sprawę.", "A {since} minęło już sporo czasu.", "Żeby czekać {since} – to za długo."),
    "again": ("I to nie pierwszy raz.", "To, że się powtarza, tylko pogarsza sprawę.", "Już raz to było za często.", "Nie powinno być trzeba mówić nam o tym kolejny raz."),
    "late": ("Nasza odpowiedź też przychodzi za późno.", "Na te słowa też trzeba było czekać zbyt długo.", "Powinniśmy byli odezwać się wcześniej.", "Ta odpowiedź też jest spóźniona."),
    "own": (
        "Przepraszamy. Wyjaśnienie tego to nasze zadanie.", "Przepraszamy – ustalenie, co się stało, jest po naszej stronie.", "Przykro nam, że trzeba było o tym pisać. Teraz nasz ruch.", "Przepraszamy za kłopot. Bierzemy to na siebie.",
        "Przepraszamy; to my mamy to wyjaśnić, nie [Ty|Państwo].", "[Masz|Mają Państwo] rację, przepraszamy. Uporządkowanie tego to nasza sprawa.", "Przepraszamy, że trzeba się o to upominać. Reszta jest po naszej stronie.", "Przykro nam. Odpowiadamy za to, żeby ta sprawa miała dobry koniec.",
        "Jesteśmy [Ci|Państwu] winni odpowiedź i przepraszamy, że jeszcze jej nie ma.", "Przepraszamy za nerwy. Dojście do przyczyny to nasza rola.",
    ),
    "own_grave": (
        "Przepraszamy, bez żadnego „ale”. Wyjaśnienie tego do końca to nasz obowiązek.", "Słowo „przepraszamy” to tutaj mało. Reszta jest po naszej stronie.", "Bardzo przepraszamy. Za to, co stanie się dalej, odpowiadamy my.", "Przepraszamy i wiemy, że słowa nie wystarczą. To nasza odpowiedzialność.",
    ),
    "guilt": (
        "To był nasz błąd i za niego przepraszamy.", "Pomyliliśmy się, to nasza wina. Przepraszamy.", "Przepraszamy. To nasz błąd, niczyj inny.", "Nie ma tu wymówki: to nasz błąd. Przepraszamy.", "Zawiedliśmy i przepraszamy za to.", "Przepraszamy. Wina leży po naszej stronie.",
    ),
    "found": ("Co wiemy: {fact}", "Oto, co ustaliliśmy: {fact}", "Stało się to: {fact}", "Mówiąc otwarcie: {fact}"),
    "check": (
        "Sprawdzamy to teraz i napiszemy tutaj, co się okazało.", "Właśnie to wyjaśniamy i odpowiemy w tym wątku.", "Przechodzimy przez to krok po kroku i damy tu znać.", "Ktoś z nas zajmuje się tym teraz i odpisze tutaj.", "Ustalimy, co poszło nie tak, naprawimy, co się da, i napiszemy o tym tutaj.",
        "Szukamy przyczyny i wrócimy tu z odpowiedzią, dobrą albo złą.", "Już się temu przyglądamy; wynik będzie do przeczytania tutaj.", "Prześledzimy całą sprawę od początku i opiszemy tu wynik.", "Nie odpuścimy: sprawdzamy, a o wyniku damy znać pod tym wpisem.", "Bierzemy się za to od razu i napiszemy tu, jak się skończyło.",
    ),
    "fix": (
        "Naprawiamy to i napiszemy tutaj, gdy będzie gotowe.", "Zajmujemy się tym teraz i damy tu znać, gdy sprawa będzie zamknięta.", "Naprawimy to i odezwiemy się w tym wątku.", "Już to naprawiamy; jak się skończy, będzie tu napisane.", "Doprowadzimy to do porządku i wrócimy tu z wiadomością.", "Bierzemy się za naprawę i nie skończymy, póki nie będzie dobrze.",
    ),
    "refund": ("Jeśli pieniądze się należą, zwrócimy je.", "Co pobrano niesłusznie, to zwrócimy.", "Jeśli sprawdzenie to potwierdzi, pieniądze wrócą na konto.", "Jeśli to nasz dług, oddamy go."),
    "replacement": ("Jeśli nie da się tego naprawić, wymienimy.", "Jeśli naprawa nie ma sensu, wyślemy nowy egzemplarz.", "Wymienimy to na nowe, jeśli inaczej się nie da."),
    "voucher": ("Na znak, że mówimy poważnie, wyślemy też kupon.", "Do tego przyznamy rabat, choć wiemy, że to drobiazg.", "Dorzucimy też kupon, jako mały gest."),
    "callback": ("Jeśli tak wygodniej, zadzwonimy.", "Jeśli łatwiej porozmawiać, oddzwonimy.", "Chętnie zadzwonimy, jeśli tak będzie prościej."),
    "dm": (
        "[Napisz|Prosimy napisać] do nas w prywatnej wiadomości, żeby dane nie trafiły do wszystkich.", "Szczegóły najlepiej wysłać w wiadomości prywatnej.", "[Wyślij|Prosimy wysłać] nam szczegóły na priv, tu widzą je wszyscy.", "Żeby znaleźć tę sprawę, potrzebujemy kilku danych, najlepiej na priv.", "Prywatna wiadomość to dobre miejsce na dane, ten wątek nie.", "W prywatnej wiadomości możemy zajrzeć w samą sprawę.",
    ),
    "contact": (
        "Szczegóły prosimy słać na {contact}, nie tutaj.", "Dane najbezpieczniej podać pod {contact}.", "Żeby znaleźć tę sprawę, potrzebujemy kilku danych: {contact}.", "To, co prywatne, przyjmiemy pod {contact}.", "Ci sami ludzie są też pod {contact}, bez świadków.", "Na dane osobowe lepszym miejscem jest {contact}.",
    ),
    "thanks": ("Dziękujemy za sygnał.", "Dziękujemy za otwarte słowa.", "Dzięki za szczerość.", "Dziękujemy za szansę, by to naprawić.", "Dziękujemy za poświęcony czas.", "Dziękujemy, że to nie zostało przemilczane."),
    "safe_ask": ("Czy wszyscy są cali?", "Najpierw najważniejsze: czy nikomu nic się nie stało?", "Czy wszystko w porządku ze zdrowiem?", "Przede wszystkim: czy ktoś ucierpiał?", "Czy wszyscy są bezpieczni?", "Zanim cokolwiek: czy nikt nie jest ranny?"),
    "safe_stop": ("Jeśli ktoś potrzebuje lekarza, to najpierw on.", "[Nie używaj|Prosimy nie używać] tego, póki tego nie obejrzymy.", "W razie złego samopoczucia lekarz jest ważniejszy niż my.", "Na razie lepiej trzymać się od tego z daleka."),
    "legal": ("Każdy ma prawo do porady prawnej; my chcemy to rozwiązać tak czy inaczej.", "Można podjąć każdy krok; pomożemy w każdym wypadku.", "Bez względu na decyzję odpowiedź od nas będzie jasna."),
    "money": ("Pieniądze to nie drobiazg, zaczynamy od nich.", "Pieniądze muszą się zgadzać co do grosza.", "Nikt nie powinien drżeć o swoje pieniądze."),
    "privacy": ("[Twoje|Państwa] dane należą do [Ciebie|Państwa]; traktujemy to jako pilne.", "Przy danych nie ma miejsca na niedbałość.", "Dane są teraz najważniejsze."),
    "child": ("Bezpieczeństwo dziecka jest ważniejsze niż wszystko inne.", "Gdy chodzi o dziecko, nic nie jest ważniejsze.", "Dziecko musi być u nas bezpieczne, zawsze."),
    "discrimination": ("Każdemu należy się ten sam szacunek, bez wyjątku.", "Nikogo nie wolno traktować gorzej, a już na pewno nie u nas.", "Nic nie usprawiedliwia gorszego traktowania kogokolwiek."),
    "press": ("Odpowie ktoś z imieniem i nazwiskiem.", "Można pytać o wszystko; odpowiedź będzie prosta.", "Odpowiemy otwarcie."),
    "question": ("Dobrze, że pada to pytanie.", "Dzięki za pytanie.", "Dziękujemy za pytanie.", "Słuszne pytanie.", "Warto to wiedzieć przed decyzją.", "Lubimy takie pytania.", "Chętnie pomożemy.", "Dobre pytanie."),
    "question_about": ("Dobrze, że mowa {about}.", "Chętnie powiemy więcej {about}.", "Warto wiedzieć więcej {about}.", "Już mówimy więcej {about}.", "Skoro mowa {about}, chętnie pomożemy.", "Cieszymy się, że można porozmawiać {about}."),
    "answer": (
        "Wolimy odpowiedzieć dobrze niż szybko: sprawdzamy i napiszemy tutaj.", "Pytamy tych, którzy wiedzą, i odpowiemy tutaj.", "Zanim powiemy coś nie tak, sprawdzimy; odpowiedź będzie w tym wątku.", "Ktoś z nas właśnie to ustala i odpisze tutaj.", "Sprawdzamy i wrócimy z odpowiedzią pod tym wpisem.",
        "Zamiast zgadywać, sprawdzimy i napiszemy tutaj.", "Damy znać tutaj, gdy tylko będziemy mieć pewność.", "Chwila na porządne sprawdzenie, a potem odpowiedź tutaj.",
    ),
    "known": ("{fact}", "Oto odpowiedź: {fact}", "Jest tak: {fact}", "Krótko: {fact}"),
    "joy": (
        "Dziękujemy, to miód na nasze serca!", "Dziękujemy, świetnie się to czyta.", "Po to to robimy. Dziękujemy!", "Dziękujemy za dobre słowo; rzadko ktoś pisze, gdy wszystko idzie dobrze.", "Jak miło to przeczytać, dziękujemy.", "Wielkie dzięki za te słowa!",
        "Dziękujemy! Czytamy to sobie na głos.", "To bardzo życzliwe, dziękujemy.", "Dziękujemy ogromnie, dużo to dla nas znaczy.", "Dzięki, cały zespół się uśmiecha.", "Ależ nam miło. Dziękujemy!", "Bardzo dziękujemy za tę wiadomość.",
    ),
    "joy_more": (
        "Przekażemy to tym, którzy na to zapracowali.", "Usłyszą o tym ludzie, którym się to należy.", "Postaramy się, żeby tak zostało.", "Oby następnym razem było równie dobrze.", "Takie słowa niosą nas przez długi dzień.", "Dobrze wiedzieć, że wszystko się udało.",
        "Cieszymy się, że jesteśmy razem.", "Zapraszamy znowu.", "Niech tak zostanie; a gdyby nie, prosimy o równie szczere słowa.", "Zobaczy to cała ekipa.", "To wydrukujemy i powiesimy na ścianie.", "Do usłyszenia!",
    ),
    "none": ("Dziękujemy za wpis.", "Miło, że o nas mowa.", "Dzięki za wzmiankę.", "Czytamy z zainteresowaniem.", "Dzięki za słowo.", "Miło nam, że ktoś o nas pamięta.", "Dzień dobry i dziękujemy za wpis.", "Widzimy ten wpis i cieszymy się z niego."),
    "none_more": (
        "Jeśli coś po naszej stronie nie gra, [napisz|prosimy napisać] tutaj, a sprawdzimy.", "Jeśli możemy w czymś pomóc, wystarczy słowo.", "W razie potrzeby jesteśmy tutaj.", "Chętnie odpowiemy na pytania.", "Jeśli jest życzenie albo pytanie, słuchamy.", "Czy możemy w czymś pomóc?", "Jeśli coś da się zrobić lepiej, prosimy o znak.", "Gdy przyda się pomoc, jesteśmy w tym miejscu.",
    ),
}  # fmt: skip

PACK = Pack(lang="pl", topics=TOPICS, both="{one}, a do tego {two}", about=ABOUT, again=r"\b(?:znowu|znów|ponownie|kolejny raz|po raz (?:drugi|trzeci|kolejny)|trzeci raz|drugi raz|za każdym razem|ciągle)\b", durations=DURATIONS, lines=LINES)  # fmt: skip
