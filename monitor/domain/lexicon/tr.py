"""Urgent words in Turkish."""

RULES = """
no: kimse, kimseye, hiç, hiçbir, asla
nopost: değil, yok, yoktu, olmadı, değiliz, değilim, gerek yok, etmeyeceğim, edilmedi, çekilmemiş
yes: cevap yok, kimse cevap, kimse bakmıyor, kimse ilgilenmiyor, masa yok, anlamı yok, sebebim yok
mask: beni öldürecek, kuyruk beni, gülmekten öldüm, gülmekten öldük, açlıktan ölüyorum, meraktan öldüm, ölüp bitiyorum, bomba gibi, kalbimi çaldınız, kalbimi çaldı, kalbimizi çald*, avukat arkadaşım, avukat arkadaş, el yapımı, elden düşme, ele alın, el altında, ikinci el, yüz yüze, baş harf, göz at, göz kamaştırıcı, basın tuşa, zam bombası
tale: film, filmi, dizi, kitap, kitabı, şarkı, belgesel, rüyamda, benim hatam, yanlış alarm, oyun karakteri
hypo: diyelim ki, hayal edin, ya olursa, varsayalım
fact: neden, niye, kim verdi, nereden
ask: mi, mı, mu, mü, güvenli mi, var mı
kid: çocuk*, çocuğ*, oğlum*, oğlumun, oğluma, oğlu, kızım*, kızıma, kızımın, kızımı, bebek*, bebeğ*, torun*, yeğen*, yenidoğan*, küçük yaşta, reşit olmayan, öğrenci*, ergen*, minik*, ufaklık*, #age yaşında*, #age aylık, evladım*, yavrum*
kin: beni, bana, eşim*, karım, kocam, annem*, babam*, anneannem, babaannem, dedem, ninem, kardeşim*, ablam, abim, arkadaşım*, müşteri*, yolcu*, köpeğim*, kedim*, ailem, aile, herkes, biri, misafir*, komşu*, hepimiz
body: elim*, elimde, eli, elleri*, ellerim*, parmağ*, parmak*, kolum*, kolu, bacağ*, bacak*, ayağ*, ayak*, yüzüm*, yüzü, gözüm*, gözü, cildim*, cilt*, başım*, başı, kafam*, kafası, alnı*, boynum*, sırtım*, karnım*, midem*, dilim*, ağzım*, ağız, dudağ*, dişim*, diş, burnum*, kulağ*, dizim*, omzum*, bileğ*, kaburga*, saçım*, boğazım*, deri*
hurt: yan*, yandı, yanık*, su topla*, kabar*, kes*, kesildi, kesik, kana*, kan, şiş*, dikiş*, kırıl*, kırık*, burkul*, çürük, morar*, çarp*, uyuş*, yara*, iltihap*, ezil*, sıkış*, kop*, kaşın*, acı*, ağrı*, haşlan*, alerji*, döküntü*, çatla*, tahriş, soyul*
harmed: yaralan*, hastane*, acil servis*, acile, acilde, ambulans*, baygın*, bayılmış*, bayılıp, boğul*, boğaz*, boğuldu, zehirlen*, yandı, yanık*, elektrik çarp*, çarpıldı, ezdi, araba çarptı, düştü, düştüm, kaydım, ısırdı, saldır*, darp*, ameliyat*, dikiş, kırık, kırıldı, öldü, ölüyordu, ölecekti, kanama*, yoğun bakım*, havale geçir*, şok geçir*, kaza
sick: kus*, kusma*, ishal*, zehirlen*, salmonella, mide bulantı*, bulantı, hastalan*, hasta olduk, hasta oldum, midesi bozul*, serum
eaten: yemek*, yemeğ*, yediğ*, yedik, yedim, döner*, tavuk*, kebap*, pizza*, salata*, balık*, midye*, lahmacun*, köfte*, sonra, menü*
object: cam, cam parçası, cam kırığı, metal*, tel, vida*, çivi*, iğne, jilet*, hamamböceği, böcek*, fare, kurt*, kurtçuk*, küf*, küflü, plastik*, sinek, kıl
food: yemek*, yemeğ*, çorba*, salata*, ekmek*, ekmeğ*, sandviç*, yoğur*, süt*, meyve suyu, et*, pasta*, çikolata*, pizza*, hamburger*, mama*, konserve*, şişe*, pilav*, bisküvi*, poğaça*, tost*, döner*, ayran*
thing: şarj*, şarj aleti, batarya*, pil*, priz*, fiş*, kablo*, telefon*, laptop*, bilgisayar*, ısıtıcı*, kettle*, tost makinesi, fırın*, ocak*, ocağ*, saç kurutma*, ütü*, scooter*, araba*, motor*, otobüs*, çamaşır makine*, buzdolab*, mikrodalga*, televizyon*, modem*, lamba*, soba*, tencere*, düdüklü*, powerbank*, cihaz*, kombi*, klima*, battaniye*
blaze: duman*, kıvılcım*, eri*, alev*, ateş*, yangın*, aşırı ısın*, patla*, kısa devre, yanık koku*, şiş*, tutuş*, yandı, yanıyor
safety: ?yaralan*, ?hastane*, ?ambulans*, ?acil servis, yandı elim, yanık oluş*, alev aldı, alev al*, tutuştu, yangın çık*, yangın, patladı, patlad*, patlama*, elektrik çarp*, zehirlen*, gıda zehirlen*, alerjik reaksiyon, alerjik şok, anafilaks*, alerji*, ?tehlikeli, ?tehlike*, hayati tehlike, can güvenli*, gaz kaça*, gaz kokus*, karbonmonoksit, fren* tutma*, fren* ~ patla*, frenler* .. çalış*, frenler* .. tutma*, şoför .. telefon*, şoför .. uyu*, şoför .. sarhoş, şoför .. alkollü, şoför .. kırmızı, şoför .. hız*, ölüyorduk, ölüyordum, ölümden döndü*, az kalsın öl*, neredeyse öl*, birisi ölecek, biri ölecek, canımızdan, kayıp düş*, tavan .. çök*, çöktü, baygın*, yere bayıl*, bilincini kaybet*, yanlış ilaç, yanlış doz, kıvılcım*, kısa devre, salmonella, cam çıktı, cam parçası, kaza yap*, kaza geçir*
legal: avukat*, mahkeme*, dava aç*, dava edece*, dava, davalık, davacı, tüketici hakem, tüketici hakları, tüketici mahkeme*, hakem heyeti*, yasal*, yasal işlem, hukuki, hukuk*, suç duyurusu, savcılı*, savcılığ*, karakol*, polis*, şikayetvar, cimer*, btk, bddk, spk, tazminat*, ihtarname*, noter*, icra*, kanun*, yasadışı, yasa dışı, bakanlığ*, ticaret bakanlığı, zabıta*, mahkemede görüş*
discrimination: ırkçı*, ayrımcılı*, ayrımcılığ*, cinsiyetçi*, homofobi*, homofobik, transfobi*, yabancı düşman*, antisemit*, islamofobi*, kadın düşman*, ülkene dön, ülkenize dön*, ülkenize git*, memleketine git, türkçe konuş, pis arap, pis zenci, zenci*, ibne*, taciz*, tacize, elle taciz, dokundu bana, bana dokundu, elledi, ellemeye, vücudum hakkında, göğüslerim, laf attı, cinsel*
ident: siyah*, esmer*, ten reng*, tenim*, kürt*, alevi*, roman, romanız, çingene*, ermeni*, rum, yahudi*, suriyeli*, arap*, afgan*, mülteci*, göçmen*, yabancı*, başörtü*, başörtülü*, türban*, çarşaf*, eşcinsel*, gey*, lezbiyen*, trans*, engelli*, tekerlekli sandalye*, görme engelli*, kör*, rehber köpe*, sağır*, işitme engelli*, otizm*, otistik*, aksan*, şive*, dini*, dinim*, hamile*, kadın*, yaşım*, yaşlı*, soyad*, kökenim*, memleket*, emzir*, iki erkek, el ele
refused: almadılar, almadı, alınmadı*, sokmadı*, izin verme*, reddet*, reddedil*, kovdu*, kovul*, attılar, dışarı, hizmet verme*, servis yapma*, masa yok, yer yok, için, olduğum için, olduğumuz için, diye, yüzünden, sadece, hariç, yasak, giremez*, giremed*, aradı*, takip etti*, görmezden gel*, birden, öğrenince, kiralama*, kabul etme*
insulted: alay*, dalga geç*, güldü*, gülüyor*, hakaret*, küfür*, küfret*, tükür*, aşağıla*, bağır*, taklit*, yorum yap*, şaka*, hor gör*, laf*
other: başka birinin, başka müşteri*, başkasının, başkalarının, başka biri*, başka kişi*, tanımadığım, yabancı*, yabancıların, komşu*, üçüncü*, herkes*, bütün müşteri*, başka hasta*, başkasına, başka insan*
data: adres*, bilgi*, veri*, verileri*, isim*, ismi*, adı*, numara*, telefon*, sipariş*, fatura*, hesab*, hesap*, mail*, e-posta*, kimlik*, tc, pasaport*, sonuç*, tahlil*, reçete*, fotoğraf*, şifre*, kart*, sözleşme*, belge*, rezervasyon*
leak: sız*, sızdır*, paylaş*, sat*, yayınla*, ifşa*, görüyor*, gördüm, görünüyor*, görebiliyor*, gözük*, çıkıyor, gönder*, yolla*, verdi*, vermiş*, çal*, herkese açık, internette, yüksek sesle, çöp*, geldi
courier: kurye*, şoför*, sürücü*, çalışan*, eleman*, görevli*, teknisyen*, garson*, kasiyer*, güvenlik*, personel*, müşteri temsilci*
contacts: mesaj at*, mesaj atıyor, mesaj at*, yazıyor bana, bana yaz*, arıyor beni, beni ara*, whatsapp*, instagram*, numaramı*, numaramdan, ekledi, özelden, rahatsız
gave: kim verdi, nereden buldu*, nereden aldı*, nasıl buldu*, verdiniz, verdi
contact: numaramı, numaram, adresimi, mailimi, telefonumu, bilgilerimi
privacy: veri sızıntı*, veri ihlal*, kişisel veri*, kişisel bilgi*, bilgilerim*, verilerim*, kvkk, gizlilik ihlal*, hesabım çalın*, hesabım hack*, hesabım* .. çal*, hesabıma gir*, hesabıma .. gir*, hacklen*, hacklediler, hack*, hacker*, başka müşteri*, kimlik hırsız*, adıma, kamera .. kabin*, soyunma .. kamera, gizli kamera*, kamera .. tuvalet*, videomu, beni çek*, kaydet* .. izinsiz, izinsiz .. fotoğraf*, fotoğrafımı, ?gizlilik, ?mahremiyet, özel hayat*, dinliyor*, takip ediyor*, şifrem
pay: çek*, para çek*, tahsil*, kes*, aldınız, ücret*, ödeme*, ödedim, fatura*, bakiye*, abonelik*, yansıt*, düş*, alıyorsunuz
twice: iki kez, iki kere, iki defa, 2 kez, 2 kere, 2 defa, çift, üç kere, 3 kere, 3 kez, mükerrer, izinsiz, iznim olmadan, onayım olmadan, onaysız, habersiz, haberim olmadan, bilgim dışında, hesabımdan, kartımdan, sormadan, yerine
cash: para*, param*, paramı, paramız*, bakiye*, depozito*, kapora*, birikim*, tl, lira*, hediye kartı, maaş*, puan*, cüzdan*
gone: yok oldu, kayboldu, buharlaştı, çaldınız, çaldılar, çalındı, çal*, gasp*, boşalt*, iç ettiniz, yediniz, üstüne yat*, el koy*, vermiyor*, iade etmiyor*, gitti, uçtu
stop: iptal*, iptal ettim, üyelik iptal, abone değilim, sipariş vermedim, almadım, kapattım, üye olmadım
money: dolandır*, hırsız*, hırsızlı*, hırsızlığ*, paramı çal*, paramı yediniz, iki kez çekil*, iki kere çekil*, izinsiz çekil*, iznim olmadan, hesabımdan çekil*, hesabımdan para, kartımdan para, çift çekim, mükerrer çekim, sahtekar*, sahte site*, sahte bilet*, sahte*, üçkağıt*, düzenbaz*, gasp*, soygun*, soyguncu*, kazık*, kandır*, phishing, oltalama, zimmet*, haraç*, hesabım boşalt*, tanımadığım .. çekim, bilmediğim .. çekim, vurgun*, dolandirici*
write: haber*, yazı*, yazıyorum, hazırlıyor*, röportaj*, makale*, dosya*, araştır*, vereceğim, taşıyaca*, gönderece*, duyuraca*, yayınla*, çıkaca*, açıklama
medium: gazete*, televizyon*, tv, kanal*, radyo*, medya*, basın*, dergi*, haber kanal*, trt, cnn türk, ntv, habertürk, hürriyet, sözcü, sabah gazetesi, müge anlı, program*
press: gazeteci*, muhabir*, basına, basın mensub*, basın danışman*, basın bürosu, basın açıklama*, haber kanal*, haber yapıyor*, haber hazırlıyor*, haber ajansı, editör*, milletvekili*, milletvekiliyim, vekil*, belediye başkan*, belediye meclis*, bakan*, meclis üyesi, muhtar*, sözcü*, medyaya, televizyona, gazeteye, #many takipçi*, #many abone*, bin takipçi*, bin abone*, kanalım*, influencer*, fenomen*, youtuber*, canlı yayın*
self_harm: intihar*, kendimi öldür*, kendimi asa*, kendimi as*, yaşamak istemiyorum, yaşamak istemi*, artık yaşamak, canıma kıy*, hayatıma son*, ölmek istiyorum, ölmek isti*, ölsem daha iyi, keşke ölsem, ölsem de kurtulsam, yaşamanın anlamı, yaşamak için .. sebep, yaşamaya değmez, bensiz daha iyi, uyanmak istemiyorum, uyanmasam, kendime zarar, kendimi kes*, bileklerimi, ilaç içtim, hap içtim, hapları, köprüden atla*, köprüdeyim, kendimi at*, trenin altına, elveda, hoşçakalın hepiniz, veda mektub*, hakkınızı helal edin, çıkış yolu göremiyorum, çıkış yolu yok, sonsuza kadar uyu*, yaşama sevinci*
harm: yut*, yuttu, boğul*, boğuldu, kaybol*, kayboldu, kaybett*, tek başına, yalnız, gözetimsiz, kilitle*, kilitli, mahsur, tokat*, vur*, vurdu, dövdü, sarstı, itti, çekiştir*, bağır*, dokundu, elle*, taciz*, istismar*, porno*, çıplak*, cinsel*, şiddet*, bahis*, kumar*, sigara*, alkol*, bira*, votka, bıçak*, yan*, yandı, yanık*, alerji*, fıstık, ateşlen*, düştü, düş*, kes*, kesti, yaralan*, kan*, hastane*, tehlike*, boğulma, yabancı*, pedofil*, travma*, pil, mıknatıs*, küçük parça*, indirdi*, zehirlen*, ısır*, çarp*, ağlıyor, kaçır*, kork*, şiş*, sıkış*, havale*
sold: sat*, sattınız, satıyor*, verdiniz, servis*
adult: sigara*, alkol*, bira*, votka, şarap, elektronik sigara, nargile*, tütün*, bıçak*, rakı, uyuşturucu, içki*
picture: fotoğraf*, resim*, resmi*, video*, görüntü*, isim*, yüzü*
published: yayınla*, paylaş*, izinsiz, iznim olmadan, sayfanızda, instagramda, facebookta, reklam*
childthing: oto koltuğu, araba koltuğu, bebek arabası, beşik*, beşiğ*, mama sandalyesi, oyuncak*, oyuncağ*, emzik*, emziğ*, biberon*, salıncak*, kaydırak*, bebek yatağı
broke: kır*, koptu, kopt*, açıldı, çöktü, devril*, keskin*, küçük parça*, çıktı, katland*
group: tekerlekli sandalye*, engelli*, başörtü*, aksan*, şive*, ten reng*, kürt*, alevi*, suriyeli*, eşcinsel*, görme engelli*, işitme engelli*, rehber köpe*, hamile*, soyad*, ermeni*
self_harm: var olmak istemiyorum, yok olmak isti*, gücüm kalmadı, dayanamıyorum, kendime bir şey yap*, son mesaj*, haplar*, artık olmayaca*, her şey bitsin, tükendim
money: # ~ {gone}, satın almadım, hiçbir şey almadım, hala çekiyorsunuz, satıcı kayboldu, kaporamı
safety: alçı*, kaynar, doktor*, itfaiye, tahliye, nefes*, enfeksiyon
child: {kid} ~ unut*, {kid} ~ ağla*, {kid} ~ durak*, {kid} ~ {broke}
took: çektiniz, çekilmiş*, çekildi, kestiniz, tahsil*, çekmişsiniz
"""
